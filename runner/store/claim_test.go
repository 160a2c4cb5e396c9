package store

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func claims(t *testing.T, dir string) []int {
	t.Helper()
	numbers, err := claimNumbers(dir)
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

func TestClaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "run")
	ctx, claim, err := Acquire(t.Context(), dir, Seen{})
	if err != nil {
		t.Fatal(err)
	}
	var claimed ClaimedError
	if _, _, err := Acquire(t.Context(), dir, Seen{}); !errors.As(err, &claimed) || claimed.Holder.PID != os.Getpid() {
		t.Errorf("a second claim: %v", err)
	}
	if err := claim.Release(); err != nil {
		t.Fatal(err)
	}
	if errors.Is(context.Cause(ctx), ErrClaimLost) || len(claims(t, dir)) != 0 {
		t.Errorf("after the release: %v, claims %v", context.Cause(ctx), claims(t, dir))
	}
	_, claim, err = Acquire(t.Context(), dir, Seen{})
	if err != nil {
		t.Fatal(err)
	}
	if err := claim.Release(); err != nil {
		t.Error(err)
	}
}

// TestClaimRace lets many claim one run at once, again and again: it is never held twice.
func TestClaimRace(t *testing.T) {
	dir := t.TempDir()
	var held, got atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 50 {
				_, claim, err := Acquire(context.Background(), dir, Seen{})
				var claimed ClaimedError
				if errors.As(err, &claimed) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				got.Add(1)
				if held.Add(1) != 1 {
					t.Error("held twice")
				}
				held.Add(-1)
				if err := claim.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got.Load() == 0 || len(claims(t, dir)) != 0 {
		t.Errorf("%d claims, %v left", got.Load(), claims(t, dir))
	}
}

// leave writes a claim of another process.
func leave(t *testing.T, dir string, number int, h Holder) Seen {
	t.Helper()
	raw, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(claimPath(dir, number), raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return Seen{number, h}
}

// TestClaimOfDeadProcess: on the same machine a dead process is known at once, even if its PID was given away again.
func TestClaimOfDeadProcess(t *testing.T) {
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	gone, reused := thisProcess(), thisProcess()
	gone.PID = ended.Process.Pid
	reused.Start = "1"
	for name, holder := range map[string]Holder{"gone": gone, "reused": reused} {
		dir := t.TempDir()
		leave(t, dir, 4, holder)
		_, claim, err := Acquire(t.Context(), dir, Seen{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := claims(t, dir); len(got) != 1 || got[0] != 5 {
			t.Errorf("%s: claims %v, want 5 alone", name, got)
		}
		if err := claim.Release(); err != nil {
			t.Error(err)
		}
	}
}

// TestClaimOfAnotherHost: without a beat for the life of a claim it is dead, by the watcher's own clock. The times that
// it holds, and the file's, may be wrong by years.
func TestClaimOfAnotherHost(t *testing.T) {
	for _, skew := range []time.Duration{0, -24 * 365 * time.Hour, 24 * 365 * time.Hour} {
		dir := t.TempDir()
		other := Holder{Host: "other", Space: "other", PID: os.Getpid(), Since: time.Now().Add(skew).UTC().Round(0)}
		leave(t, dir, 1, other)
		if err := os.Chtimes(claimPath(dir, 1), time.Now().Add(skew), time.Now().Add(skew)); err != nil {
			t.Fatal(err)
		}
		watch := ClaimWatch{Life: 50 * time.Millisecond}
		look := func(want bool) Seen {
			t.Helper()
			seen, free, err := watch.Look(dir)
			if err != nil || free != want {
				t.Errorf("skew %s: free %v (%v), want %v", skew, free, err, want)
			}
			return seen
		}
		look(false)
		time.Sleep(60 * time.Millisecond)
		other.Beat++ // it lives
		leave(t, dir, 1, other)
		look(false)
		time.Sleep(60 * time.Millisecond)
		dead := look(true)
		if _, _, err := Acquire(t.Context(), dir, Seen{}); err == nil {
			t.Errorf("skew %s: acquired a claim that nobody watched", skew)
		}
		_, claim, err := Acquire(t.Context(), dir, dead)
		if err != nil {
			t.Fatalf("skew %s: %v", skew, err)
		}
		look(false)
		if err := claim.Release(); err != nil {
			t.Error(err)
		}
	}
}

// TestClaimLost: a process that was thought dead finds out, gives up, and leaves the other's claim alone.
func TestClaimLost(t *testing.T) {
	dir := t.TempDir()
	ctx, claim, err := acquire(t.Context(), dir, Seen{}, time.Millisecond, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, dir, 2, Holder{Host: "other", Space: "other"})
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), ErrClaimLost) {
		t.Errorf("cause %v", context.Cause(ctx))
	}
	if err := claim.Release(); err != nil {
		t.Error(err)
	}
	if got := claims(t, dir); len(got) != 2 {
		t.Errorf("claims %v, want the other's among them", got)
	}
}

// TestClaimNumberAgain: others have taken over, finished, and begun anew with the same number while the process slept.
func TestClaimNumberAgain(t *testing.T) {
	dir := t.TempDir()
	_, sleeper, err := Acquire(t.Context(), dir, Seen{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(claimPath(dir, 1)); err != nil {
		t.Fatal(err)
	}
	_, other, err := Acquire(t.Context(), dir, Seen{})
	if err != nil {
		t.Fatal(err)
	}
	if sleeper.Held() || !other.Held() {
		t.Errorf("held by the sleeper %v, by the other %v", sleeper.Held(), other.Held())
	}
	if err := sleeper.Release(); err != nil || !other.Held() {
		t.Errorf("the sleeper's release (%v) took the other's claim away", err)
	}
	if err := other.Release(); err != nil {
		t.Error(err)
	}
}

// TestClaimUnshown: a claim that cannot be shown, here because its folder is gone, is given up.
func TestClaimUnshown(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ctx, claim, err := acquire(t.Context(), dir, Seen{}, time.Millisecond, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), ErrClaimLost) {
		t.Errorf("cause %v", context.Cause(ctx))
	}
	if err := claim.Release(); err != nil {
		t.Error(err)
	}
}

func TestClaimBeats(t *testing.T) {
	dir := t.TempDir()
	_, claim, err := acquire(t.Context(), dir, Seen{}, time.Millisecond, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer claim.Release()
	for seen := (Seen{}); seen.Holder.Beat < 3; time.Sleep(time.Millisecond) {
		var err error
		if seen, err = currentClaim(dir); err != nil {
			t.Fatal(err)
		}
	}
}
