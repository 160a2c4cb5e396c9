package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A claim says that a process works on a run. It is a file claim.N in the run's folder, made so that only one process can
// make it, and rewritten with a higher beat every few seconds. Who finds the process gone takes the run over by making
// claim.N+1; the highest number counts, and a process that finds a higher one than its own gives up. No clock of another
// machine is trusted: a claim of another host is dead if its beat stood still for as long as the observer watched.

// The times of a claim. A file system may show a beat late, so that a claim lives for many of them.
const (
	BeatEvery = 10 * time.Second
	ClaimLife = 90 * time.Second
)

const claimPrefix = "claim."

// ErrClaimLost is the cause that ends the context of a claim that another process took over.
var ErrClaimLost = errors.New("another process took the run over")

// ClaimedError says that a run is claimed by a process that may be alive.
type ClaimedError struct{ Holder Holder }

func (e ClaimedError) Error() string {
	return fmt.Sprintf("in work by process %d on %s", e.Holder.PID, e.Holder.Host)
}

// Holder is the content of a claim's file.
type Holder struct {
	Host  string    `json:"host"`
	Space string    `json:"space"` // where the PID counts: boot and PID namespace
	PID   int       `json:"pid"`
	Start string    `json:"start"` // when the process began, as the system tells it; tells it from a later one with its PID
	Since time.Time `json:"since"`
	Beat  int       `json:"beat"`
}

// Seen is a claim as it was at one moment; the zero value is none.
type Seen struct {
	Number int
	Holder Holder
}

// Claim is a claim of this process.
type Claim struct {
	path   string
	number int
	holder Holder
	stop   func() // the beats, and the context
	done   chan struct{}
}

// Acquire claims the run in a folder, which it makes if need be. A run that is claimed is taken over if its process is
// known to be gone, or if dead is its claim: what [ClaimWatch.Dead] found. Otherwise the error is a ClaimedError.
// The returned context ends with ctx, with the release, and with the cause ErrClaimLost if another process takes over.
func Acquire(ctx context.Context, dir string, dead Seen) (context.Context, *Claim, error) {
	return acquire(ctx, dir, dead, BeatEvery, ClaimLife)
}

func acquire(ctx context.Context, dir string, dead Seen, every, life time.Duration) (context.Context, *Claim, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, err
	}
	there, err := currentClaim(dir)
	if err != nil {
		return nil, nil, err
	}
	if there.Number > 0 && there != dead && !there.Holder.gone() {
		return nil, nil, ClaimedError{there.Holder}
	}
	c := &Claim{path: claimPath(dir, there.Number+1), number: there.Number + 1, holder: thisProcess(), done: make(chan struct{})}
	if err := c.create(); err != nil {
		return nil, nil, err
	}
	if err := c.supersede(dir, there.Number); err != nil {
		return nil, nil, errors.Join(err, os.Remove(c.path))
	}
	ctx, lose := context.WithCancelCause(ctx)
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = func() { stop(); <-c.done; lose(nil) }
	go c.beat(beating, every, life, lose)
	return ctx, c, nil
}

func (c *Claim) create() error {
	f, err := os.OpenFile(c.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		there, _ := readHolder(c.path)
		return ClaimedError{there}
	}
	if err != nil {
		return err
	}
	if err := errors.Join(c.write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.path))
	}
	return nil
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

// supersede removes the claims that this one replaces. If the last of them is gone, its holder has released it and
// somebody else may have begun anew.
func (c *Claim) supersede(dir string, last int) error {
	numbers, err := claimNumbers(dir)
	if err != nil {
		return err
	}
	if last > 0 && !slices.Contains(numbers, last) {
		return ClaimedError{c.holder}
	}
	for _, number := range numbers {
		if number < c.number {
			if err := os.Remove(claimPath(dir, number)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Release gives the run back.
func (c *Claim) Release() error {
	c.stop()
	if lost, err := c.lost(); lost || err != nil {
		return err
	}
	return os.Remove(c.path)
}

// beat shows that the process lives, until ctx ends. A claim that it can show no longer is lost too, before others may
// think so.
func (c *Claim) beat(ctx context.Context, every, life time.Duration, lose context.CancelCauseFunc) {
	defer close(c.done)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	shown := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		lost, err := c.lost()
		if err == nil && !lost {
			err = c.show()
		}
		if err == nil && !lost {
			shown = time.Now()
		}
		if lost || time.Since(shown) > life/2 {
			lose(ErrClaimLost)
			return
		}
	}
}

// lost reports whether the claim's file is gone or another one has a higher number.
func (c *Claim) lost() (bool, error) {
	numbers, err := claimNumbers(filepath.Dir(c.path))
	return err == nil && (len(numbers) == 0 || numbers[len(numbers)-1] != c.number), err
}

func (c *Claim) show() error {
	c.holder.Beat++
	f, err := os.OpenFile(c.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(c.write(f), f.Close())
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
