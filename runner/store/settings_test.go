package store

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettings(t *testing.T) {
	run := Run{Dir: "here", Manifest: Manifest{Config: json.RawMessage(
		`{"seed": 3, "files": {"test": "ab"}, "note": "", "recipe": {"lr": 1e-3, "lds": {"size": 5}, "decay": [1, 2.50], "fds": null, "on": false}}`)}}
	got, err := run.Settings()
	want := map[string]string{"recipe.lr": "1e-3", "recipe.lds.size": "5", "recipe.decay": "[1,2.50]",
		"recipe.on": "false"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	run.Manifest.Config = json.RawMessage(`[]`)
	if _, err := run.Settings(); err == nil || !strings.HasPrefix(err.Error(), "here/manifest.json: config: ") {
		t.Errorf("a list: error %v", err)
	}
}

// TestConfigHash: runs that differ in their seed, and in the first stage of that seed, are one configuration; those
// whose first stages were trained otherwise are two.
func TestConfigHash(t *testing.T) {
	hash := func(config, first string) string {
		h, err := Run{Manifest: Manifest{Config: json.RawMessage(config), FirstConfig: first}}.ConfigHash()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one := hash(`{"seed": 0, "lr": 1, "first_stage": "aa"}`, "f1")
	if other := hash(`{"seed": 1, "lr": 1, "first_stage": "bb"}`, "f1"); other != one {
		t.Errorf("another seed: %s, want %s", other, one)
	}
	if other := hash(`{"seed": 1, "lr": 1, "first_stage": "bb"}`, "f2"); other == one {
		t.Error("another first stage has the same hash")
	}
}
