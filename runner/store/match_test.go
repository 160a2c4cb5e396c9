package store

import "testing"

func TestMatchName(t *testing.T) {
	const name = "sts-b-dir/lds+fds/seed=0"
	for pattern, want := range map[string]bool{
		"sts-b-dir/lds+fds/seed=0": true, "*/lds*/*": true, "*/*/seed=[01]": true,
		"sts-b-dir": true, "sts-b-dir/*": true, "*/lds+fds": true, "*": true,
		"sts-b": false, "sts-b-dir/lds": false, "*/*/seed=1": false, "lds+fds": false, "*/*/*/*": false, "": false,
		"[": false,
	} {
		if got := MatchName(pattern, name); got != want {
			t.Errorf("%q matches %s: %v, want %v", pattern, name, got, want)
		}
	}
}
