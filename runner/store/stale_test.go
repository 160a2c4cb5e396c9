package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestStale(t *testing.T) {
	gone, other := thisProcess(), Holder{Host: "other", Space: "other", PID: 5}
	gone.Start = "1"
	tests := map[string]struct {
		state  State
		holder *Holder
		age    time.Duration
		want   State
	}{
		"alive":           {Running, new(thisProcess()), 0, Running},
		"no claim":        {Running, nil, 0, Stale},
		"process is gone": {Running, &gone, 0, Stale},
		"host is alive":   {Running, &other, time.Minute, Running},
		"host is silent":  {Running, &other, time.Hour, Stale},
		"done":            {Done, nil, 0, Done},
		"interrupted":     {Interrupted, &gone, 0, Interrupted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := Run{Dir: t.TempDir(), Status: Status{State: tt.state}}
			if tt.holder != nil {
				leave(t, r.Dir, 1, *tt.holder)
				when := time.Now().Add(-tt.age)
				if err := os.Chtimes(filepath.Join(r.Dir, "claim.1"), when, when); err != nil {
					t.Fatal(err)
				}
			}
			r.checkClaim()
			if r.Status.State != tt.want || (tt.want == Stale) != (r.Status.Message != "") {
				t.Errorf("%+v, want %s", r.Status, tt.want)
			}
		})
	}
}
