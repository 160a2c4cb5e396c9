package trackers

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// run is a finished run of two validations, in a folder with its events.
func run(t *testing.T) store.Run {
	t.Helper()
	dir := t.TempDir()
	for i, loss := range []float64{3.5, 2.25} {
		e := store.Event{Stage: "encoder", Epoch: i + 1, Loss: metrics.Value(loss), LR: 1e-3, Val: metrics.Value(9 - i),
			Seconds: 30}
		if err := store.AppendEvent(dir, e); err != nil {
			t.Fatal(err)
		}
	}
	return store.Run{
		Dir: dir, Status: store.Status{State: store.Done},
		Manifest: store.Manifest{
			Hash: strings.Repeat("0123abcd", 8), Suite: "mine", Benchmark: "agedb-dir", Scale: "tiny", Method: "lds", Seed: 3,
			Fidelity: "paper", Selection: store.Selection{Split: datasets.Val, Metric: metrics.MAE},
			Dataset: store.Dataset{Name: "agedb"},
			Config:  json.RawMessage(`{"seed": 3, "recipe": {"epochs": 2, "lr": 0.001, "tags": ["a", "b"], "pretrained": true}}`),
			Started: time.Unix(1_700_000_000, 0).UTC(), Commit: "c0ffee",
		},
		Results: store.Results{"test": {
			metrics.All: {N: 3, Values: map[metrics.Metric]metrics.Value{metrics.MAE: 4.5,
				metrics.Pearson: metrics.Undefined()}},
			datasets.Few: {N: 1, Values: map[metrics.Metric]metrics.Value{metrics.MAE: 8}},
		}},
	}
}

// fields lists the fields of a message by their numbers, as their bytes or numbers.
func fields(t *testing.T, b []byte) map[protowire.Number][]any {
	t.Helper()
	all := map[protowire.Number][]any{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		b = b[max(n, 0):]
		var v any
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(b)
			v = math.Float32frombits(bits)
		case protowire.Fixed64Type:
			var bits uint64
			bits, n = protowire.ConsumeFixed64(b)
			v = math.Float64frombits(bits)
		case protowire.BytesType:
			v, n = protowire.ConsumeBytes(b)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		all[number] = append(all[number], v)
	}
	return all
}

// TestTensorBoard reads the records back. That TensorBoard reads them too is checked by ci/trackers.py.
func TestTensorBoard(t *testing.T) {
	out := t.TempDir()
	if err := TensorBoard(out, []store.Run{run(t)}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(out, "mine/agedb-dir/lds/seed=3/0123abcd/events.out.tfevents.1700000000.dirbench")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The first record's length and its checksum, as TensorFlow writes them for every file of the same version event.
	if got := fmt.Sprintf("%x", raw[:12]); got != "1800000000000000a37f4b22" {
		t.Errorf("header %s", got)
	}
	var got []string
	for len(raw) > 0 {
		size := int(raw[0]) | int(raw[1])<<8
		e := fields(t, raw[12:12+size])
		raw = raw[12+size+4:]
		if e[3] != nil {
			continue
		}
		v := fields(t, fields(t, e[5][0].([]byte))[1][0].([]byte))
		line := fmt.Sprintf("%.0f %v %s", e[1][0], e[2], v[1][0])
		if v[2] != nil {
			line += fmt.Sprintf(" %v", v[2][0])
		}
		got = append(got, line)
	}
	want := []string{
		"1700000000 [] _hparams_/session_start_info",
		"1700000030 [1] loss/train 3.5", "1700000060 [2] loss/train 2.25",
		"1700000030 [1] validation/mae 9", "1700000060 [2] validation/mae 8",
		"1700000030 [1] learning_rate 0.001", "1700000060 [2] learning_rate 0.001",
		"1700000060 [2] test/mae/all 4.5", "1700000060 [2] test/mae/few 8",
		"1700000060 [] _hparams_/session_end_info",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestMLflow(t *testing.T) {
	out := t.TempDir()
	again := run(t)
	for range 2 {
		if err := MLflow(out, []store.Run{again}); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{}
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(out, path)
		_, name, _ = strings.Cut(filepath.ToSlash(name), "/") // of the experiment
		if _, of, ok := strings.Cut(name, "/"); ok {
			name = of
		} else {
			name = "experiment"
		}
		files[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"experiment":             "name: agedb-dir agedb tiny paper best validation MAE\n",
		"meta.yaml":              "status: 3\n",
		"metrics/loss/train":     "1700000030000 3.5 1\n1700000060000 2.25 2\n",
		"metrics/validation/mae": "1700000030000 9 1\n1700000060000 8 2\n",
		"metrics/test/mae/few":   "1700000060000 8 2\n",
		"params/recipe.tags":     `["a","b"]`,
		"params/recipe.lr":       "0.001",
		"params/seed":            "3",
		"tags/mlflow.runName":    "lds seed=3",
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s: %q, want %q", name, files[name], want)
		}
	}
	if len(files) != 27 {
		t.Errorf("%d files: %q", len(files), slices.Sorted(maps.Keys(files)))
	}
}
