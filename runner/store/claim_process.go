package store

import (
	"crypto/rand"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// space tells apart places where the same PID is another process: machine, its last boot, and the PID namespace of a
// container.
var space = sync.OnceValue(func() string {
	host, _ := os.Hostname()
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return strings.Join([]string{host, strings.TrimSpace(string(boot)), namespace}, " ")
})

func thisProcess() Holder {
	host, _ := os.Hostname()
	start, _ := processStart(os.Getpid())
	return Holder{ID: rand.Text(), Host: host, Space: space(), PID: os.Getpid(), Start: start, Since: time.Now().UTC().Round(0)}
}

// gone reports whether the process is known to have ended, which is known only here.
func (h Holder) gone() bool {
	if h.PID == 0 || h.Space != space() {
		return false
	}
	process, err := os.FindProcess(h.PID)
	if err != nil {
		return true
	}
	if err := process.Signal(syscall.Signal(0)); errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return true
	}
	start, zombie := processStart(h.PID)
	return zombie || start != "" && start != h.Start
}

// processStart returns when a process began, in ticks since the boot, which no change of the clock moves; empty where the
// system does not tell. A zombie has ended, but nobody has asked for its exit status yet.
func processStart(pid int) (start string, zombie bool) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", false
	}
	// The name, in parentheses, may hold anything; the state is the first field after it, the start the 20th.
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 20 {
		return "", false
	}
	return fields[19], fields[0] == "Z" || fields[0] == "X"
}

// ClaimWatch notices claims whose process died on another host. It is for one goroutine.
type ClaimWatch struct {
	Life time.Duration // without a beat, after which a claim is dead; 0: ClaimLife
	seen map[string]watched
}

type watched struct {
	claim Seen
	since time.Time // by the monotonic clock of this process
}

// Look returns the claim on the run in a folder, and whether it is dead or there is none, so that the run can be acquired.
func (w *ClaimWatch) Look(dir string) (claim Seen, free bool, err error) {
	claim, err = currentClaim(dir)
	if err != nil || claim.Number == 0 || claim.Holder.gone() {
		delete(w.seen, dir)
		return claim, err == nil, err
	}
	life := w.Life
	if life == 0 {
		life = ClaimLife
	}
	last, known := w.seen[dir]
	if !known || last.claim != claim {
		if w.seen == nil {
			w.seen = map[string]watched{}
		}
		w.seen[dir] = watched{claim, time.Now()}
		return claim, false, nil
	}
	return claim, time.Since(last.since) > life, nil
}
