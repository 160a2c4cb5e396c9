package execute

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/benchmarks/torchfile"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// writeSafetensors writes tensors of small irregular values.
func writeSafetensors(t *testing.T, shapes map[string][]int) string {
	t.Helper()
	header, data := map[string]any{}, []byte{}
	for name, shape := range shapes {
		size, from := 1, len(data)
		for _, dim := range shape {
			size *= dim
		}
		for i := range size {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(0.1*math.Sin(float64(i)))))
		}
		header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{from, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "network.safetensors")
	content := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), append(text, data...)...)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// officialSTSB are the shapes of the official STS-B-DIR network at scale small.
func officialSTSB() map[string][]int {
	const hidden, words = 100, 100
	shapes := map[string][]int{
		"sts-b_pred_layer.weight": {1, 8 * hidden}, "sts-b_pred_layer.bias": {1},
		"pair_encoder._text_field_embedder.token_embedder_words.weight": {7, words},
	}
	for layer, in := range []int{words, 2 * hidden} {
		for _, direction := range []string{"", "_reverse"} {
			name := func(part string) string {
				return fmt.Sprintf("pair_encoder._phrase_layer._module.%s_l%d%s", part, layer, direction)
			}
			shapes[name("weight_ih")], shapes[name("weight_hh")] = []int{4 * hidden, in}, []int{4 * hidden, hidden}
			shapes[name("bias_ih")], shapes[name("bias_hh")] = []int{4 * hidden}, []int{4 * hidden}
		}
	}
	return shapes
}

func planImport(t *testing.T, file, out string) *plan.Run {
	t.Helper()
	testruns.Plan(t, out, testsuite.Text(testsuite.STSB, "vanilla", "")) // makes the twin
	vectors := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(vectors, []byte("man"+strings.Repeat(" 0.1", 100)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run, err := plan.NewImport(plan.ImportOptions{File: file, Benchmark: "sts-b-dir", Scale: "small",
		Dataset: "sts-b-twin", Method: "lds+fds"},
		plan.Options{Data: testsuite.Data, Out: out, Load: task.LoadOptions{Embeddings: vectors}})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestImport(t *testing.T) {
	if testing.Short() {
		t.Skip("predicts with two layers of 100 units")
	}
	file := writeSafetensors(t, officialSTSB())
	run := planImport(t, file, t.TempDir())
	x := Executor{Backend: testruns.OpenGo(t)}
	outcome, unknown, err := x.Import(t.Context(), run, file)
	if err != nil || outcome.Status.State != store.Done {
		t.Fatalf("%v, %+v", err, outcome.Status)
	}
	if !slices.Equal(unknown, []string{"pair_encoder._text_field_embedder.token_embedder_words.weight"}) {
		t.Errorf("unknown parameters %q, want the word vectors", unknown)
	}
	there, err := store.Load(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(there.Manifest.Imported, "network.safetensors (sha256 ") ||
		there.Manifest.Suite != plan.ImportSuite {
		t.Errorf("manifest says imported %q, suite %q", there.Manifest.Imported, there.Manifest.Suite)
	}
	if n := there.Results["test"][metrics.All].N; n == 0 {
		t.Error("no test scores")
	}
	if again, _, err := x.Import(t.Context(), run, file); err != nil || !again.Skipped {
		t.Errorf("a second import: %v, skipped %v", err, again.Skipped)
	}
	checkExport(t, &x, there, file)
}

// checkExport exports an imported run, whose parameters must be those of the file, and imports that again, which must
// predict the same.
func checkExport(t *testing.T, x *Executor, there store.Run, file string) {
	network, err := train.Export(there, testsuite.Data)
	if err != nil {
		t.Fatal(err)
	}
	exported := filepath.Join(t.TempDir(), "exported.safetensors")
	if err := store.WriteFile(exported, network.Safetensors); err != nil {
		t.Fatal(err)
	}
	var params [2]map[string]models.TorchTensor
	for i, path := range []string{file, exported} {
		if params[i], err = torchfile.Read(path); err != nil {
			t.Fatal(err)
		}
		delete(params[i], "pair_encoder._text_field_embedder.token_embedder_words.weight") // of other words
	}
	if diff := cmp.Diff(params[0], params[1]); diff != "" {
		t.Error(diff)
	}
	run := planImport(t, exported, t.TempDir())
	if outcome, _, err := x.Import(t.Context(), run, exported); err != nil || outcome.Status.State != store.Done {
		t.Fatalf("%v, %+v", err, outcome.Status)
	}
	before, err := os.ReadFile(filepath.Join(there.Dir, store.PredictionsFile))
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(run.Dir, store.PredictionsFile))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the exported network predicts otherwise, %v", err)
	}
	checkCheckpoint(t, network)
}

// checkCheckpoint reads an exported checkpoint as a GoMLX program does that knows nothing of dirbench.
func checkCheckpoint(t *testing.T, network *train.Network) {
	dir := filepath.Join(t.TempDir(), "exported")
	if err := network.Checkpoint(dir); err != nil {
		t.Fatal(err)
	}
	loaded := model.NewStore()
	if _, err := checkpoint.Load(loaded).Dir(dir).Immediate().Done(); err != nil {
		t.Fatal(err)
	}
	if about := model.GetRootParamOr(loaded, train.ExportKey, ""); !strings.Contains(about, `"names":"official"`) {
		t.Errorf("description %.200s", about)
	}
	if v := loaded.GetVariable("/regressor/weight"); v == nil || v.Shape().Size() != 800 {
		t.Errorf("regressor %v", v)
	}
}

func TestImportMissingParameters(t *testing.T) {
	shapes := officialSTSB()
	delete(shapes, "sts-b_pred_layer.bias")
	file := writeSafetensors(t, shapes)
	run := planImport(t, file, t.TempDir())
	x := Executor{Backend: testruns.OpenGo(t)}
	outcome, _, err := x.Import(t.Context(), run, file)
	if err != nil {
		t.Fatal(err)
	}
	if s := outcome.Status; s.State != store.Failed || s.Class != store.ClassData.Name ||
		!strings.Contains(s.Message, "1 of 18 parameters are missing, sts-b_pred_layer.bias") {
		t.Errorf("status %+v", s)
	}
}
