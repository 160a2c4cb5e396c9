package train

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
)

// fullBatches are batches that a desktop can hold at the full input size.
var fullBatches = map[string]int{"imdb-wiki-dir": 4, "agedb-dir": 4, "sts-b-dir": 4, "nyud2-dir": 4, "shhs-dir": 1}

// BenchmarkFullStep takes training steps of every full recipe: the networks and input shapes of the published
// protocols, on upscaled twins and with small batches. It needs an XLA backend to end in reasonable time:
//
//	DIRBENCH_BACKEND=xla:/path/plugin.so go test ./runner -run '^$' -bench FullStep -benchtime 10x
func BenchmarkFullStep(b *testing.B) {
	name := os.Getenv("DIRBENCH_BACKEND")
	if name == "" {
		b.Skip("set DIRBENCH_BACKEND to the backend that is to take the steps")
	}
	backend, _, err := backend.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Finalize()
	vectors := writeVectors(b)
	for _, benchmark := range []string{"imdb-wiki-dir", "agedb-dir", "sts-b-dir", "nyud2-dir", "shhs-dir"} {
		b.Run(benchmark, func(b *testing.B) {
			size := fullBatches[benchmark]
			recipe := fmt.Sprintf("batch_size: %d", max(size, 2)) // the least that a recipe allows
			if benchmark == "nyud2-dir" {
				recipe += ", depth: {pretrained: false}"
			}
			text := fmt.Sprintf("name: full\nseeds: [0]\nmethods: [lds+fds]\nbenchmarks:\n  - {benchmark: %s, scale: full, "+
				"twin: {size: 200, seed: 1}, recipe: {%s}}\n",
				benchmark, recipe)
			runs, err := plan.New([]*plan.Suite{testruns.Parse(b, text)},
				plan.Options{Data: testsuite.Data, Out: b.TempDir(), Load: task.LoadOptions{Embeddings: vectors}})
			if err != nil {
				b.Fatal(err)
			}
			task := taskOf(b, runs[0])
			trainer, err := newTrainer(backend, runs[0], task)
			if err != nil {
				b.Fatal(err)
			}
			defer trainer.close()
			set, err := newTrainSet(runs[0], task)
			if err != nil {
				b.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 1))
			f := &fit{trainer: trainer, ctx: b.Context(), train: set}
			if err := f.trainBatch(set.batch(random.Perm(set.rows)[:size], random), true); err != nil { // compiles
				b.Fatal(err)
			}
			b.ResetTimer()
			for range b.N {
				if err := f.trainBatch(set.batch(random.Perm(set.rows)[:size], random), true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// writeVectors writes random word vectors of the published width for some words of the STS-B-DIR twin.
func writeVectors(b *testing.B) string {
	var text strings.Builder
	for _, word := range []string{"man", "woman", "dog", "cutting", "cooking", "bread", "house", "street"} {
		text.WriteString(word)
		for range 300 {
			fmt.Fprintf(&text, " %.3f", rand.NormFloat64())
		}
		text.WriteByte('\n')
	}
	path := filepath.Join(b.TempDir(), "vectors.txt")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}
