package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Holder is the content of a claim's file.
type Holder struct {
	ID    string    `json:"id"` // of the claim, random
	Host  string    `json:"host"`
	Space string    `json:"space"` // where the PID counts: boot and PID namespace
	PID   int       `json:"pid"`
	Start string    `json:"start"` // when the process began, by the system; a later one with its PID has another
	Since time.Time `json:"since"`
	Beat  int       `json:"beat"`
}

// Seen is a claim as it was at one moment; the zero value is none.
type Seen struct {
	Number int
	Holder Holder
}

// write writes the holder in place, always as long, since the file may be read at the same moment.
func (c *Claim) write(f *os.File) error {
	raw, err := json.Marshal(c.holder)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%-400s\n", raw), 0)
	return err
}

func claimPath(dir string, number int) string {
	return filepath.Join(dir, claimPrefix+strconv.Itoa(number))
}

// claimNumbers returns the numbers of the claims in a folder, which need not exist, in increasing order.
func claimNumbers(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var numbers []int
	for _, entry := range entries {
		if text, ok := strings.CutPrefix(entry.Name(), claimPrefix); ok {
			if number, err := strconv.Atoi(text); err == nil {
				numbers = append(numbers, number)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// currentClaim returns the claim that counts; its holder is empty while it is being written.
func currentClaim(dir string) (Seen, error) {
	numbers, err := claimNumbers(dir)
	if err != nil || len(numbers) == 0 {
		return Seen{}, err
	}
	number := numbers[len(numbers)-1]
	holder, err := readHolder(claimPath(dir, number))
	if errors.Is(err, fs.ErrNotExist) { // released in between
		return Seen{}, nil
	}
	return Seen{number, holder}, err
}

func readHolder(path string) (Holder, error) {
	var h Holder
	raw, err := os.ReadFile(path)
	if err != nil {
		return h, err
	}
	if json.Unmarshal(raw, &h) != nil {
		return Holder{}, nil // being written
	}
	h.Since = h.Since.UTC()
	return h, nil
}

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
	return Holder{ID: rand.Text(), Host: host, Space: space(), PID: os.Getpid(), Start: start,
		Since: time.Now().UTC().Round(0)}
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

// processStart returns when a process began, in ticks since the boot, which no change of the clock moves; empty where
// the system does not tell. A zombie has ended, but nobody has asked for its exit status yet.
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

// Look returns the claim on the run in a folder, and whether it is dead or there is none, so that the run can be
// acquired.
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
