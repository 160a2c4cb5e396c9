package page

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// counts of the fixed store: bin 0 is many-shot, 1 and 3 medium-shot, 2 and 4 few-shot.
var counts = []int{300, 40, 10, 60, 2}

// storedRun writes a finished run below a folder: two test samples a bin whose predictions are off by the given error,
// more so where there is less training data.
func storedRun(t *testing.T, root, method string, seed int64, off float32) store.Run {
	t.Helper()
	dir := filepath.Join(root, "smoke", "mine", method, fmt.Sprintf("seed=%d", seed), "01234567")
	m := store.Manifest{
		Hash: "0123456789", Suite: "smoke", Benchmark: "mine", Scale: "tiny", Method: method, Seed: seed, Fidelity: "paper",
		Selection: store.Selection{Split: datasets.Val, Metric: metrics.MAE},
		Metrics:   []metrics.Metric{metrics.MAE, metrics.GM}, Commit: "0123456789abcdef", GoVersion: "go1.26",
		Config: json.RawMessage(fmt.Sprintf(`{"method": %q, "seed": %d, "recipe": {"epochs": 2, "lr_drops": [1]}, "files": {}}`, method, seed)),
		Dataset: store.Dataset{
			Name: "faces", Title: "Faces <of> mine", Files: map[string]string{"train": "aa", "test": "bb"},
			Shots: datasets.AgeShots(), TrainCounts: counts,
			LabelSpace: datasets.LabelSpace{Unit: "years", Max: 5, Rule: datasets.BinInteger, Bins: 5, Width: 1},
		},
		Seeds: map[string]uint64{"order": 7, "init": 3}, Modules: map[string]string{"b": "v2", "a": "v1"}, Backend: "go",
		Device: "two cores", Argv: []string{"dirbench", "run"}, Attempts: 1, Started: time.Now(),
	}
	var rows []store.Prediction
	for bin := range counts {
		for i, split := range []datasets.Split{datasets.Val, datasets.Test, datasets.Test} {
			label := float32(bin) + 0.5
			rows = append(rows, store.Prediction{
				ID: fmt.Sprint(bin, i), Split: split, Label: label, Prediction: label + off*float32(bin+i), Bin: int32(bin),
			})
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := store.WritePredictions(filepath.Join(dir, store.PredictionsFile), func(yield func(store.Prediction) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	for epoch := range 2 {
		e := store.Event{Stage: "encoder", Epoch: epoch + 1, Loss: metrics.Value(3 - epoch),
			Val: metrics.Value(2 - float64(off)*float64(epoch))}
		if err := store.AppendEvent(dir, e); err != nil {
			t.Fatal(err)
		}
	}
	results, err := store.Evaluate(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	return store.Run{Dir: dir, Manifest: m, Status: store.Status{State: store.Done, Seconds: 90}, Results: results}
}

// fixedStore holds two methods with two seeds and one that failed.
func fixedStore(t *testing.T, root string) []store.Run {
	t.Helper()
	bad := storedRun(t, root, "rrt", 0, 1)
	bad.Status, bad.Results = store.Status{State: store.Failed, Class: "nan", Message: "training <diverged>"}, nil
	return []store.Run{
		storedRun(t, root, "vanilla", 0, 0.25), storedRun(t, root, "vanilla", 1, 0.375),
		storedRun(t, root, "lds", 0, -0.125), storedRun(t, root, "lds", 1, 0.125), bad,
	}
}

func newPage(t *testing.T, runs []store.Run, opts Options) *Page {
	t.Helper()
	report, err := reports.New(runs, nil, reports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return New(report, opts)
}

func written(t *testing.T, p *Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bulk is what the golden file leaves out: styles, scripts and drawings.
var bulk = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|(<svg viewBox="[^"]*" aria-hidden="true">).*?(</svg>)`)

func TestGolden(t *testing.T) {
	root := t.TempDir()
	runs := fixedStore(t, root)
	page := written(t, newPage(t, runs, Options{}))
	if again := written(t, newPage(t, runs, Options{})); again != page {
		t.Error("a second page of the same runs has other bytes")
	}
	got := strings.ReplaceAll(bulk.ReplaceAllString(page, "$1$2$3$4$5$6"), filepath.ToSlash(root), "results")
	path := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); go test -update accepts it:\n%s", path, diff)
	}
}

// The page asks the network for nothing, follows the reader's scheme in its drawings, and holds no name as markup.
func TestSelfContained(t *testing.T) {
	page := written(t, newPage(t, fixedStore(t, t.TempDir()), Options{}))
	for _, outside := range []string{"http:", "https:", "src=", "@import", "url(", "<of>", "<diverged>"} {
		if strings.Contains(page, outside) {
			t.Errorf("the page contains %q", outside)
		}
	}
	drawings := strings.Join(regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1), "")
	for _, fixed := range regexp.MustCompile(`#[0-9a-fA-F]{6}`).FindAllString(drawings, -1) {
		t.Errorf("a drawing has the fixed colour %s", fixed)
	}
	for _, want := range []string{`class="ink"`, `class="mist"`, `class="series-0"`, `class="series-1"`} {
		if !strings.Contains(drawings, want) {
			t.Errorf("no drawing has %s", want)
		}
	}
}

// Where the training labels are known, a figure shows the squared errors by relevance, whose area is SERA.
func TestRelevance(t *testing.T) {
	runs := fixedStore(t, t.TempDir())[:4]
	for i := range runs {
		runs[i].Manifest.Dataset.Describe([]float32{0, 0, 1, 1, 1, 2, 2, 3, 4, 4})
	}
	figures := newPage(t, runs, Options{}).Sections[0].Figures
	last := figures[len(figures)-1]
	if !strings.HasSuffix(last.ID, "-relevance") || !strings.Contains(last.Caption, "relevance of labels goes through ") {
		t.Errorf("the last figure is %s: %s", last.ID, last.Caption)
	}
}

// With published results a leaderboard has measured and published rows, each of one protocol, and still no link.
func TestLeaderboard(t *testing.T) {
	runs := fixedStore(t, t.TempDir())[:4]
	for i := range runs {
		runs[i].Manifest.Benchmark = "agedb-dir"
	}
	report, err := reports.New(runs, nil, reports.Options{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	page := written(t, New(report, Options{}))
	for _, want := range []string{
		`<a href="#leaderboard">Leaderboard</a>`, `<table class="leaderboard">`,
		`<tr class="protocol"><th scope="rowgroup" colspan="`,
		`<span>Benchmark agedb-dir, scale tiny, paper semantics, best validation MAE</span>`, `<span>official</span>`,
		`<tr data-words="measured: suite smoke">`, `data-value="7.77">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "src=") {
		t.Error("the page asks for something else")
	}
}

// lds errs less than vanilla in every bin of the fixed store, so all bars are gains; the other way round they are
// losses.
func TestGainsAreAgainstVanilla(t *testing.T) {
	root := t.TempDir()
	for _, tt := range []struct {
		vanilla, lds     float32
		present, missing string
	}{{0.5, 0.25, `class="series-0"`, `class="series-1"`}, {0.25, 0.5, `class="series-1"`, `class="series-0"`}} {
		p := newPage(t, []store.Run{storedRun(t, root, "vanilla", 0, tt.vanilla), storedRun(t, root, "lds", 0, tt.lds)},
			Options{})
		svg, err := p.Sections[0].Figures[2].svg()
		if err != nil || !strings.Contains(string(svg), tt.present) || strings.Contains(string(svg), tt.missing) {
			t.Errorf("vanilla errs by %g, lds by %g: %s %v", tt.vanilla, tt.lds, svg, err)
		}
	}
}

func TestFigureMethods(t *testing.T) {
	root := t.TempDir()
	runs := append(fixedStore(t, root), storedRun(t, root, "inv", 0, 0.2), storedRun(t, root, "lds+fds", 0, 0.3))
	for _, tt := range []struct {
		globs []string
		want  string
	}{
		{nil, "vanilla, lds"}, {[]string{"lds*"}, "lds, lds+fds"}, {[]string{"vanilla", "inv"}, "vanilla, inv"},
		{[]string{"*"}, "vanilla, inv, lds, lds+fds"},
	} {
		p := newPage(t, runs, Options{Methods: tt.globs})
		if got := p.Sections[0].Figures[0].Alt; !strings.Contains(got, " for "+tt.want+",") {
			t.Errorf("%v: %q, want %s", tt.globs, got, tt.want)
		}
	}
	for _, m := range []string{"sqinv", "focal-r", "rrt"} {
		runs = append(runs, storedRun(t, root, m, 0, 0.3))
	}
	p := newPage(t, runs, Options{Methods: []string{"*"}})
	if left := p.Sections[0].Note; !strings.HasPrefix(left, "Figures hold at most 6 methods; left out: ") ||
		!strings.Contains(written(t, p), left) {
		t.Errorf("seven methods: %q", left)
	}
	if p := newPage(t, runs, Options{Methods: []string{"none"}}); len(p.Sections[0].Figures) > 0 || len(p.Problems) > 0 {
		t.Errorf("no method: %d figures, %v", len(p.Sections[0].Figures), p.Problems)
	}
}

// Lost predictions cost the figures of their method, and the page says so.
func TestLostPredictions(t *testing.T) {
	runs := fixedStore(t, t.TempDir())
	if err := os.Remove(filepath.Join(runs[2].Dir, store.PredictionsFile)); err != nil {
		t.Fatal(err)
	}
	p := newPage(t, runs, Options{})
	if len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Error(), runs[2].Dir) {
		t.Errorf("problems %v", p.Problems)
	}
	if page := written(t, p); !strings.Contains(page, "No figure: ") || len(p.Sections[0].Figures) != 3 {
		t.Errorf("%d figures, want those of vanilla", len(p.Sections[0].Figures))
	}
}

// Sections of tables that differ in nothing but what their anchors leave out have anchors of their own; unfinished ones
// no figures.
func TestSections(t *testing.T) {
	runs := fixedStore(t, t.TempDir())
	other := runs[4]
	other.Manifest.Selection = store.Selection{Split: datasets.Test, Metric: metrics.MAE}
	p := newPage(t, append(runs, other), Options{})
	if len(p.Sections) != 2 || p.Sections[0].ID != "mine-faces-tiny-paper-2" &&
		p.Sections[1].ID != "mine-faces-tiny-paper-2" {
		t.Fatalf("sections %+v", p.Sections)
	}
	for _, s := range p.Sections {
		if len(s.Sheets) == 0 || strings.Contains(s.About, "official") != (len(s.Figures) == 0) {
			t.Errorf("%s: %d sheets, %d figures", s.About, len(s.Sheets), len(s.Figures))
		}
	}
	written(t, p)
}

func TestSaveFigures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	n, err := newPage(t, fixedStore(t, t.TempDir()), Options{}).SaveFigures(dir)
	if err != nil || n != 4 {
		t.Fatalf("%d figures, %v", n, err)
	}
	for _, what := range []string{"errors", "curves", "gains", "predictions"} {
		for _, ext := range []string{"svg", "png"} {
			if _, err := os.Stat(filepath.Join(dir, "mine-faces-tiny-paper-"+what+"."+ext)); err != nil {
				t.Error(err)
			}
		}
	}
}
