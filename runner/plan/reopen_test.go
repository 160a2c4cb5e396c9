package plan

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
)

// Word vectors must be those that the run was trained with; a pretrained encoder is in the checkpoint.
func TestReload(t *testing.T) {
	vectors := filepath.Join(t.TempDir(), "glove.txt")
	if err := os.WriteFile(vectors, []byte("a 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sum, err := datasets.FileSHA256(vectors)
	if err != nil {
		t.Fatal(err)
	}
	run := &Run{Dir: "results/x", Config: Config{WordVectors: sum,
		Recipe: task.Recipe{Text: &task.TextModel{Pretrained: true}}}}
	var missing SelectionError
	if err := run.reload(); !errors.As(err, &missing) || !strings.Contains(err.Error(), "give --embeddings FILE") {
		t.Errorf("no word vectors: error %v", err)
	}
	run.Load.Embeddings = vectors
	if err := run.reload(); err != nil {
		t.Errorf("the same word vectors: error %v", err)
	}
	run.Config.WordVectors = strings.Repeat("0", 64)
	if err := run.reload(); err == nil || !strings.Contains(err.Error(), "was trained with word vectors of 00000000") {
		t.Errorf("other word vectors: error %v", err)
	}
	rooms := &Run{Config: Config{Recipe: task.Recipe{Depth: &task.DepthModel{Pretrained: true}}}}
	if err := rooms.reload(); err != nil || rooms.Config.Recipe.Depth.Pretrained {
		t.Errorf("error %v, encoder still needed: %v", err, rooms.Config.Recipe.Depth.Pretrained)
	}
}
