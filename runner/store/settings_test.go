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
	want := map[string]string{"recipe.lr": "1e-3", "recipe.lds.size": "5", "recipe.decay": "[1,2.50]", "recipe.on": "false"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	run.Manifest.Config = json.RawMessage(`[]`)
	if _, err := run.Settings(); err == nil || !strings.HasPrefix(err.Error(), "here/manifest.json: config: ") {
		t.Errorf("a list: error %v", err)
	}
}
