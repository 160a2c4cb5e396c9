package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A claim says that a process works on a run. It is a file claim.N in the run's folder, made so that only one process
// can make it, and rewritten with a higher beat every few seconds. Who finds the process gone takes the run over by
// making claim.N+1; the highest number counts, and a process that finds a higher one than its own gives up. No clock of
// another machine is trusted: a claim of another host is dead if its beat stood still for as long as the observer
// watched.

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

// Claim is a claim of this process.
type Claim struct {
	path   string
	number int
	holder Holder
	stop   func() // the beats, and the context
	done   chan struct{}
}

// Acquire claims the run in a folder, which it makes if need be. A run that is claimed is taken over if its process is
// known to be gone, or if dead is its claim: as [ClaimWatch.Look] saw it. Otherwise the error is a ClaimedError.
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
	c := &Claim{path: claimPath(dir, there.Number+1), number: there.Number + 1, holder: thisProcess(),
		done: make(chan struct{})}
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

// supersede removes the claims that this one replaces. If the last of them is gone, its holder has released it and
// somebody else may have begun anew.
func (c *Claim) supersede(dir string, last int) error {
	numbers, err := claimNumbers(dir)
	if err != nil {
		return err
	}
	if last > 0 && !slices.Contains(numbers, last) {
		there, err := currentClaim(dir)
		return errors.Join(ClaimedError{there.Holder}, err)
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

// lost reports whether the claim is no longer the one that counts. After others have come and gone there may be one
// with its number, but not with its ID.
func (c *Claim) lost() (bool, error) {
	there, err := currentClaim(filepath.Dir(c.path))
	return err == nil && (there.Number != c.number || there.Holder.ID != c.holder.ID), err
}

// Held reports whether the claim still counts.
func (c *Claim) Held() bool {
	lost, err := c.lost()
	return err == nil && !lost
}

func (c *Claim) show() error {
	c.holder.Beat++
	f, err := os.OpenFile(c.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(c.write(f), f.Close())
}
