package convert

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
)

// numbers converts the numbers 0 to 9, three in a batch, and stops with an error at the given one.
type numbers struct {
	files           string // folder of a file for each number
	converted, seen []int
	stop            int
}

func (n *numbers) run(t *testing.T, s *spool) error {
	t.Helper()
	runtime.GOMAXPROCS(1) // converted is not guarded
	defer runtime.GOMAXPROCS(runtime.NumCPU())
	n.converted, n.seen = nil, nil
	return batches[int]{
		spool: s, size: 3,
		files: func(i int) []string { return []string{filepath.Join(n.files, string(rune('0'+i)))} },
		convert: func(i int) (datasets.Sample, error) {
			n.converted = append(n.converted, i)
			if i == 4 {
				return datasets.Sample{}, errors.New("four")
			}
			return datasets.Sample{Label: float32(i), Signals: [][]float32{{float32(i)}, {}}}, nil
		},
		emit: func(i int, r row) error {
			if i == n.stop {
				return context.Canceled
			}
			if r.Rejected == "" && r.Sample.Label != float32(i) || (r.Rejected != "") != (i == 4) {
				t.Errorf("number %d: %+v", i, r)
			}
			n.seen = append(n.seen, i)
			return nil
		},
		told: func(int) {},
	}.run(context.Background(), "numbers", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
}

func TestSpoolGoesOn(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	batch1 := func(dir string) string { return filepath.Join(dir, ".x.partial", "numbers-000001.batch") }
	tests := []struct {
		name    string
		key     string
		change  func(t *testing.T, out, files string)
		again   []int // converted by the second call
		resumed int
	}{
		{"untouched", "k", func(*testing.T, string, string) {}, []int{6, 7, 8, 9}, 6},
		{"another key", "l", func(*testing.T, string, string) {}, all, 0},
		{"damaged", "k", func(t *testing.T, out, _ string) {
			data, err := os.ReadFile(batch1(out))
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)-8] ^= 1 // in a label, which would still decode
			writeFile(t, batch1(out), data)
		}, []int{3, 4, 5, 6, 7, 8, 9}, 3},
		{"cut", "k", func(t *testing.T, out, _ string) { writeFile(t, batch1(out), nil) }, []int{3, 4, 5, 6, 7, 8, 9}, 3},
		{"source added", "k", func(t *testing.T, _, files string) {
			writeFile(t, filepath.Join(files, "1"), nil)
		}, []int{0, 1, 2, 6, 7, 8, 9}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := t.TempDir()
			n := &numbers{files: t.TempDir(), stop: 5}
			s, err := openSpool(out, "x", "k")
			if err != nil {
				t.Fatal(err)
			}
			if err := n.run(t, s); !errors.Is(err, context.Canceled) || s.resumed != 0 {
				t.Fatal(err, s.resumed)
			}
			test.change(t, out, n.files)
			n.stop = -1
			if s, err = openSpool(out, "x", test.key); err != nil {
				t.Fatal(err)
			}
			if err := n.run(t, s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.again, n.converted); diff != "" {
				t.Errorf("converted (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(all, n.seen); diff != "" {
				t.Errorf("emitted (-want +got)\n%s", diff)
			}
			// A second pass reads everything back, and what this call made is not taken over.
			if err := n.run(t, s); err != nil || len(n.converted) > 0 || len(n.seen) != 10 || s.resumed != test.resumed {
				t.Errorf("second pass: %v, converted %v, emitted %v, taken over %d", err, n.converted, n.seen, s.resumed)
			}
			if err := s.remove(); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestInterruptedConversionGivesTheSameBytes cancels a conversion after each batch and compares the dataset of the last
// call, on more cores, with one made in a single call.
func TestInterruptedConversionGivesTheSameBytes(t *testing.T) {
	dir := writeNYUD2(t, nyud2Sizes{train: 140, test: 10})
	convertOn := func(cores int, opts NYUD2Options, calls int) (*datasets.Dataset, int) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		resumed := 0
		opts.Resumed = func(rows int) { resumed = rows }
		for call := 0; ; call++ {
			ctx, cancel := context.WithCancel(context.Background())
			batch := 0
			opts.Progress = func(int, int) {
				if batch++; batch > call && call < calls {
					cancel()
				}
			}
			d, _, err := NYUD2(ctx, dir, opts)
			cancel()
			if err == nil {
				return d, resumed
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
	}
	opts := func() NYUD2Options { return NYUD2Options{Options: Options{Out: t.TempDir(), Made: "go test"}, Seed: 3} }
	once, none := convertOn(1, opts(), 0)
	often, resumed := convertOn(4, opts(), 4)
	if none != 0 || resumed == 0 {
		t.Errorf("%d and %d rows taken over", none, resumed)
	}
	if diff := cmp.Diff(once.Meta, often.Meta); diff != "" {
		t.Errorf("(-once +interrupted)\n%s", diff)
	}
	entries, err := os.ReadDir(filepath.Dir(often.Dir))
	if err != nil || len(entries) != 1 || strings.HasPrefix(entries[0].Name(), ".") {
		t.Errorf("%v: left behind: %v", err, entries)
	}
}
