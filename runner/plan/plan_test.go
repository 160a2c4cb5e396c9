package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

func names(plan []*Run) string {
	var all []string
	for _, run := range plan {
		all = append(all, run.Name())
	}
	return strings.Join(all, " ")
}

func TestPlanSharesFirstStages(t *testing.T) {
	plan := planOf(t, "out", testsuite.Text(testsuite.STSB, "rrt, vanilla, rrt+lds, rrt+fds", ""))
	const want = "sts-b-dir/vanilla/seed=0 sts-b-dir/rrt/seed=0 sts-b-dir/rrt+lds/seed=0 sts-b-dir/fds/seed=0 " +
		"sts-b-dir/rrt+fds/seed=0"
	if got := names(plan); got != want {
		t.Fatalf("plan %s\nwant %s", got, want)
	}
	vanilla, fds := byMethod(t, plan, "vanilla"), byMethod(t, plan, "fds")
	for method, first := range map[string]*Run{"vanilla": nil, "fds": nil, "rrt": vanilla, "rrt+lds": vanilla,
		"rrt+fds": fds} {
		if got := byMethod(t, plan, method).First; got != first {
			t.Errorf("%s starts from %v, want %v", method, got, first)
		}
	}
	if !vanilla.Wanted || fds.Wanted {
		t.Errorf("wanted: vanilla %v, fds %v; the suite names vanilla alone", vanilla.Wanted, fds.Wanted)
	}
}

func TestPlanOnly(t *testing.T) {
	text := testsuite.Text(testsuite.STSB, "vanilla, lds, fds, rrt", "")
	tests := []struct {
		only []string
		want string
	}{
		{[]string{"*/rrt/*"}, "sts-b-dir/vanilla/seed=0 sts-b-dir/rrt/seed=0"},
		{[]string{"sts-b-dir/?ds/seed=0"}, "sts-b-dir/lds/seed=0 sts-b-dir/fds/seed=0"},
		{[]string{"*/lds/*", "*/vanilla/*"}, "sts-b-dir/vanilla/seed=0 sts-b-dir/lds/seed=0"},
		{[]string{"sts-b-dir/?ds"}, "sts-b-dir/lds/seed=0 sts-b-dir/fds/seed=0"},
		{[]string{"sts-b-dir"}, "sts-b-dir/vanilla/seed=0 sts-b-dir/lds/seed=0 sts-b-dir/fds/seed=0 sts-b-dir/rrt/seed=0"},
	}
	for _, tt := range tests {
		if got := names(planOf(t, "out", text, tt.only...)); got != tt.want {
			t.Errorf("--only %q: %s, want %s", tt.only, got, tt.want)
		}
	}
}

func TestPlanSeeds(t *testing.T) {
	suite := parseSuite(t, testsuite.Text(testsuite.STSB, "vanilla", ""))
	plan, err := New([]*Suite{suite}, Options{Data: testsuite.Data, Seeds: []int64{3, 5, 3}})
	if want := "sts-b-dir/vanilla/seed=3 sts-b-dir/vanilla/seed=5"; err != nil || names(plan) != want {
		t.Errorf("plan %s (%v), want %s", names(plan), err, want)
	}
}

func TestPlanErrors(t *testing.T) {
	pretrained := ", text: {pretrained: true, max_tokens: 8, embedding: 4, hidden: 4}"
	pretrainedEntry := strings.Replace(testsuite.STSB, ", text: {max_tokens: 8, embedding: 4, hidden: 4, layers: 1}%s",
		"%s", 1)
	other := strings.Replace(testsuite.STSB, "seed: 1,", "seed: 2,", 1)
	tests := []struct {
		name      string
		text      string
		options   Options
		want      string
		selection bool
	}{
		{"bad glob", testsuite.Text(testsuite.STSB, "lds", ""), Options{Data: testsuite.Data, Only: []string{"a["}},
			`--only "a[": syntax error in pattern`, true},
		{"nothing matches", testsuite.Text(testsuite.STSB, "lds", ""), Options{Data: testsuite.Data, Only: []string{"rrt"}},
			"no run matches --only", true},
		{"no embeddings", testsuite.Text(pretrainedEntry, "lds", pretrained), Options{Data: testsuite.Data},
			"give --embeddings FILE", true},
		{"missing embeddings", testsuite.Text(pretrainedEntry, "lds", pretrained),
			Options{Data: testsuite.Data, Load: task.LoadOptions{Embeddings: "none.txt"}}, "word vectors: open none.txt", false},
		{"no dataset", strings.Replace(testsuite.Text(testsuite.STSB, "lds", ""), "twin: {seed: 1, size: 200}",
			"dataset: mine", 1), Options{Data: testsuite.Data}, "mine: no dataset there", false},
		{"another twin there", testsuite.Text(other, "lds", ""), Options{Data: testsuite.Data}, "--seed 1\", the suite wants",
			false},
		{"wrong modality", strings.Replace(testsuite.Text(testsuite.Agedb, "lds", ""), "twin: {seed: 1, size: 200}",
			"dataset: sts-b-twin", 1), Options{Data: testsuite.Data}, `holds "text" inputs: agedb-dir needs "image"`, false},
	}
	planOf(t, "out", testsuite.Text(testsuite.STSB, "lds", "")) // makes the twin
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New([]*Suite{parseSuite(t, tt.text)}, tt.options)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q in it", err, tt.want)
			}
			var selection SelectionError
			if errors.As(err, &selection) != tt.selection {
				t.Errorf("error %v is a SelectionError: %v, want %v", err, !tt.selection, tt.selection)
			}
		})
	}
}

// TestHash asks which changes make a new run.
func TestHash(t *testing.T) {
	base := byMethod(t, planOf(t, "out", testsuite.Text(testsuite.STSB, "lds", "")), "lds")
	changes := map[string]func(*Config){
		"benchmark": func(c *Config) { c.Benchmark = "other" },
		"scale":     func(c *Config) { c.Scale = "small" },
		"method":    func(c *Config) { c.Method = "fds" },
		"seed":      func(c *Config) { c.Seed = 1 },
		"fidelity":  func(c *Config) { c.Fidelity = "official" },
		"numerics":  func(c *Config) { c.Numerics++ },
		"vectors":   func(c *Config) { c.WordVectors = "ab" },
		"data":      func(c *Config) { c.Files = map[datasets.Split]string{datasets.Test: "ab"} },
		"chroma":    func(c *Config) { c.Chroma = transform.Interpolated },
		"shots":     func(c *Config) { c.Shots.Many++ },
		"space":     func(c *Config) { c.LabelSpace.Bins++ },
		"rate":      func(c *Config) { c.Recipe.LR *= 2 },
		"drops":     func(c *Config) { c.Recipe.LRDrops = []int{1} },
		"lds":       func(c *Config) { c.Recipe.LDS.Sigma++ },
		"fds":       func(c *Config) { c.Recipe.FDS.Momentum = 0.5 },
		"hidden": func(c *Config) {
			text := *c.Recipe.Text
			text.Hidden++
			c.Recipe.Text = &text
		},
	}
	seen := map[string]string{base.Hash: "nothing"}
	for name, change := range changes {
		changed := base.Config
		change(&changed)
		if twin, known := seen[changed.Hash()]; known {
			t.Errorf("a change of %s gives the same hash as a change of %s", name, twin)
		}
		seen[changed.Hash()] = name
	}
}

// TestGeneralBenchmark: the runs of a general benchmark hold what follows from the dataset's labels, which is not in
// its name.
func TestGeneralBenchmark(t *testing.T) {
	planOf(t, "out", testsuite.Text(testsuite.Agedb, "vanilla", "")) // makes the twin
	const text = "name: t\nseeds: [0]\nmethods: [fds]\nbenchmarks:\n- {benchmark: image, scale: tiny, dataset: " +
		"agedb-twin%s}\n"
	config := planOf(t, "out", fmt.Sprintf(text, ""))[0].Config
	if r := config.Recipe; !(r.LabelScale > 5) || !(r.LabelMean > 20) || r.FDS.LastBin != 120 || !r.NetworkUnits {
		t.Errorf("mean %g, scale %g, last bin %d, network units %v", r.LabelMean, r.LabelScale, r.FDS.LastBin, r.NetworkUnits)
	}
	given := planOf(t, "out", fmt.Sprintf(text,
		", recipe: {label_mean: 40, label_scale: 10, fds: {last_bin: 90}}"))[0].Config.Recipe
	if given.LabelMean != 40 || given.LabelScale != 10 || given.FDS.LastBin != 90 {
		t.Errorf("mean %g, scale %g, last bin %d: want those of the suite", given.LabelMean, given.LabelScale,
			given.FDS.LastBin)
	}
	for only, want := range map[string]string{"image/fds": "image:agedb-twin/fds/seed=0",
		"image:agedb-*": "image:agedb-twin/fds/seed=0"} {
		if runs := planOf(t, "out", fmt.Sprintf(text, ""), only); len(runs) != 1 || runs[0].Name() != want {
			t.Errorf("--only %s: %s, want %s", only, names(runs), want)
		}
	}
	preview := planWith(t, fmt.Sprintf(text, ""), Options{Data: t.TempDir(), Preview: true})[0]
	if preview.Missing != "dataset agedb-twin" || preview.Steps() != 0 {
		t.Errorf("without data: missing %q, %d steps", preview.Missing, preview.Steps())
	}
}

// TestHashOfDefaults: the default optimiser and schedule by name make no new run.
func TestHashOfDefaults(t *testing.T) {
	plain := planOf(t, "out", testsuite.Text(testsuite.STSB, "lds", ""))[0]
	named := ", optimizer: adam, schedule: milestones"
	if got := planOf(t, "out", testsuite.Text(testsuite.STSB, "lds", named))[0]; got.Hash != plain.Hash {
		t.Errorf("hash %.8s, want %.8s", got.Hash, plain.Hash)
	}
	if got := planOf(t, "out", testsuite.Text(testsuite.STSB, "lds", ", optimizer: sgd"))[0]; got.Hash == plain.Hash {
		t.Error("SGD has the hash of Adam")
	}
}

// TestHashOfFirstStage: what changes the training of the encoder makes a new second stage too, also where that has a
// value of its own in its place.
func TestHashOfFirstStage(t *testing.T) {
	const all = "rrt, bmc, bni, rnc"
	entry := strings.Replace(testsuite.Agedb, "batch_size: 64", "batch_size: 32", 1)
	base := planOf(t, "out", testsuite.Text(testsuite.Agedb, all, ""))
	for change, other := range map[string][]*Run{
		"lr":         planOf(t, "out", testsuite.Text(testsuite.Agedb, all, ", lr: 0.002")),
		"batch_size": planOf(t, "out", testsuite.Text(entry, all, "")),
	} {
		for _, method := range []string{"rrt", "bmc", "bni", "rnc"} {
			before, after := byMethod(t, base, method), byMethod(t, other, method)
			if encoder := before.First.Hash == after.First.Hash; encoder != (before.Hash == after.Hash) {
				t.Errorf("%s with another %s: is the hash of the first stage the same: %v, of the second one: %v",
					method, change, encoder, !encoder)
			}
		}
	}
}

// TestFirstConfig: a first stage's configuration is told from another, and its seed is no part of it.
func TestFirstConfig(t *testing.T) {
	text := testsuite.Text(testsuite.Agedb, "bmc", "")
	config := func(text string) string { return byMethod(t, planOf(t, "out", text), "bmc").FirstConfig() }
	here, seed := config(text), config(strings.Replace(text, "seeds: [0]", "seeds: [7]", 1))
	slower := config(testsuite.Text(testsuite.Agedb, "bmc", ", lr: 0.002"))
	if here != seed || here == slower || here == "" {
		t.Errorf("seed 0: %q, seed 7: %q, another learning rate: %q", here, seed, slower)
	}
}

// TestHashIgnoresPaths plans the same suite with the data and the results elsewhere.
func TestHashIgnoresPaths(t *testing.T) {
	text := testsuite.Text(testsuite.STSB, "lds", "")
	moved := planWith(t, strings.Replace(text, "twin: {", "dataset: moved\n    twin: {", 1),
		Options{Data: t.TempDir(), Out: "elsewhere"})
	here := planOf(t, "out", text)
	if moved[0].Hash != here[0].Hash {
		t.Error("the hash depends on the paths of data and results")
	}
	if want := filepath.Join("elsewhere", "test", "sts-b-dir", "lds", "seed=0", here[0].Hash[:8]); moved[0].Dir != want {
		t.Errorf("folder %s, want %s", moved[0].Dir, want)
	}
}

// TestChroma: how JPEG images are read is in a run's hash, and nothing where there are none.
func TestChroma(t *testing.T) {
	text, options := testsuite.Text(testsuite.STSB, "lds", ""), Options{Data: t.TempDir(), Out: "out"}
	before := planWith(t, text, options)[0]
	if content, err := json.Marshal(before.Config); err != nil || strings.Contains(string(content), "chroma") {
		t.Errorf("%s (%v)", content, err)
	}
	meta := filepath.Join(before.Data, datasets.MetaFile)
	description, err := os.ReadFile(meta)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(meta, append(description, "chroma: interpolated\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if after := planWith(t, text, options)[0]; after.Hash == before.Hash || after.Config.Chroma != transform.Interpolated {
		t.Errorf("hash %s and %s, chroma %q", before.Hash, after.Hash, after.Config.Chroma)
	}
}

func TestEpochsAndSteps(t *testing.T) {
	run := func(rows, size, epochs, every, checks int) *Run {
		meta := datasets.Meta{Splits: map[datasets.Split]datasets.SplitMeta{datasets.Train: {Rows: rows}}}
		return &Run{Dataset: &datasets.Dataset{Meta: meta}, Config: Config{Recipe: task.Recipe{
			Epochs: epochs, RetrainEpochs: 3, BatchSize: size, CheckEvery: every, MaxChecks: checks}}}
	}
	tests := []struct {
		run           *Run
		epochs, steps int
	}{
		{run(128, 64, 5, 0, 0), 5, 10},
		{run(129, 64, 5, 0, 0), 5, 15},
		{run(5249, 128, 953, 400, 100), 953, 40000},
		{run(128, 64, 5, 400, 100), 5, 10}, // the epochs end it first
	}
	for i, tt := range tests {
		if tt.run.Epochs() != tt.epochs || tt.run.Steps() != tt.steps {
			t.Errorf("%d: %d epochs of %d steps in all, want %d and %d", i, tt.run.Epochs(), tt.run.Steps(), tt.epochs, tt.steps)
		}
	}
	second := run(128, 64, 5, 0, 0)
	second.First = &Run{}
	if second.Epochs() != 3 || second.Steps() != 6 {
		t.Errorf("second stage: %d epochs, %d steps, want 3 and 6", second.Epochs(), second.Steps())
	}
}

// TestPlanKeepsTwin makes sure that planning does not write a twin again that is there.
func TestPlanKeepsTwin(t *testing.T) {
	root := t.TempDir()
	if err := twin.Write(filepath.Join(root, "sts-b-twin"), "sts-b", twin.Options{Seed: 1, Size: 200}, false); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "sts-b-twin", "train.parquet")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := New([]*Suite{parseSuite(t, testsuite.Text(testsuite.STSB, "lds", ""))}, Options{Data: root}); err != nil {
		t.Fatal(err)
	}
	if content, _ := os.ReadFile(file); string(content) != "mine" {
		t.Error("planning replaced a file of an existing twin")
	}
}

// A setting that a method does not use must not make a new run of it.
func TestHashIgnoresUnusedSettings(t *testing.T) {
	const methods = "vanilla, lds, fds, focal-r, rrt, rrt+fds, smoter"
	before := planOf(t, "out", testsuite.Text(testsuite.STSB, methods, ""))
	for change, affected := range map[string]string{
		", fds: {momentum: 0.5}":  "fds rrt+fds",
		", lds: {size: 9}":        "lds",
		", focal: {beta: 3}":      "focal-r",
		", resample: {k: 3}":      "smoter",
		"more retraining":         "rrt rrt+fds",
		", reweight: sqinv":       "lds rrt rrt+fds",
		", weight_decay: 0.00002": methods,
	} {
		text := testsuite.Text(testsuite.STSB, methods, change)
		if change == "more retraining" { // a field that the entry sets already
			text = strings.Replace(testsuite.Text(testsuite.STSB, methods, ""), "retrain_epochs: ", "retrain_epochs: 1", 1)
		}
		after := planOf(t, "out", text)
		for i := range before {
			name := before[i].Config.Method
			wanted := slices.Contains(strings.FieldsFunc(affected, func(r rune) bool { return r == ' ' || r == ',' }), name)
			if changed := before[i].Hash != after[i].Hash; changed != wanted {
				t.Errorf("%s: hash of %s changed: %v, want %v", change, name, changed, wanted)
			}
		}
	}
}

// TestPlanWritesNothing: a missing twin is named, not made; a preview goes on without it.
func TestPlanWritesNothing(t *testing.T) {
	root := t.TempDir()
	suites := []*Suite{parseSuite(t, testsuite.Text(testsuite.STSB, "lds", ""))}
	options := Options{Data: root, Out: filepath.Join(root, "out")}
	if _, err := New(suites, options); err == nil || !strings.Contains(err.Error(), "sts-b-twin: no dataset there") {
		t.Errorf("error %v", err)
	}
	options.Preview = true
	runs, err := New(suites, options)
	if err != nil || runs[0].Missing != "twin sts-b-twin, which a run makes" || runs[0].Steps() != 2*4 {
		t.Errorf("%+v, %v", runs, err)
	}
	if missing := ToMake(suites, options); len(missing) != 1 || missing[0].Dataset != "sts-b" ||
		missing[0].Twin.Size != 200 {
		t.Errorf("twins %+v", missing)
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) > 0 {
		t.Errorf("planning wrote %v, %v", entries, err)
	}
}

// TestPlanNamesTables: tables that are in the program are named, not made, and runs on them stay apart.
func TestPlanNamesTables(t *testing.T) {
	suites := []*Suite{parseSuite(t, `{name: t, seeds: [0], methods: [vanilla, lds], benchmarks: [
		{benchmark: table, dataset: concrete, scale: tiny}, {benchmark: table, dataset: abalone, scale: tiny},
		{benchmark: table, dataset: mine, scale: tiny}]}`)}
	options := Options{Data: t.TempDir(), Preview: true}
	runs, err := New(suites, options)
	if err != nil || len(runs) != 6 || runs[0].Missing != "table concrete, which a run makes" ||
		runs[4].Missing != "dataset mine" {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	missing := ToMake(suites, options)
	if len(missing) != 2 || missing[1].Dataset != "abalone" || missing[1].Twin != nil ||
		missing[1].Dir != filepath.Join(options.Data, "abalone") {
		t.Errorf("to make: %+v", missing)
	}
}

// TestRunCrossesProcesses: the JSON of a run is all that another process needs.
func TestRunCrossesProcesses(t *testing.T) {
	for _, run := range planOf(t, "out", testsuite.Text(testsuite.STSB, "vanilla, rrt+fds", "")) {
		text, err := json.Marshal(run)
		if err != nil {
			t.Fatal(err)
		}
		var there Run
		if err := json.Unmarshal(text, &there); err != nil {
			t.Fatal(err)
		}
		if err := there.Open(); err != nil {
			t.Fatal(err)
		}
		if there.Hash != run.Hash || there.Dir != run.Dir || there.Method.String() != run.Method.String() ||
			(there.First == nil) != (run.First == nil) {
			t.Errorf("%s became %+v", run.Name(), there)
		}
		there.Config.Seed++
		if err := there.Open(); err == nil || !strings.Contains(err.Error(), "the program was replaced meanwhile") {
			t.Errorf("another configuration: %v", err)
		}
	}
}

// TestUsedRule: a run says which rule re-weights it, whatever the recipe has for LDS.
func TestUsedRule(t *testing.T) {
	runs := planOf(t, "out", testsuite.Text(testsuite.Agedb, "vanilla, inv, sqinv, lds", ""))
	for method, want := range map[string]methods.Reweight{"vanilla": methods.ReweightNone, "inv": methods.ReweightInv,
		"sqinv": methods.ReweightSqrtInv, "lds": methods.ReweightSqrtInv} {
		recipe := byMethod(t, runs, method).Config.Recipe
		if recipe.Reweight != want || (recipe.InvClip[1] > 0) != (want == methods.ReweightInv) {
			t.Errorf("%s: reweight %s, inv_clip %v, want %s", method, recipe.Reweight, recipe.InvClip, want)
		}
	}
}

// TestSelection: the metric that chooses the epoch makes another run, unless it is the benchmark's own.
func TestSelection(t *testing.T) {
	planned := func(fields string) *Run {
		return planOf(t, "out", testsuite.Text(testsuite.Agedb, "vanilla", fields))[0]
	}
	own, balanced := planned(""), planned(", selection: {metric: bmae}")
	for _, fields := range []string{", selection: val", ", selection: {metric: mae}", ", selection: {split: val}"} {
		if other := planned(fields); other.Hash != own.Hash {
			t.Errorf("%s: another run", fields)
		}
	}
	if balanced.Hash == own.Hash {
		t.Error("selection by bMAE is the same run as by MAE")
	}
	if a, b := own.Selection().String(), balanced.Selection().String(); a != "best validation MAE" ||
		b != "best validation bMAE" {
		t.Errorf("selections %q and %q", a, b)
	}
	for _, run := range []*Run{own, balanced} {
		text, err := json.Marshal(run.Config)
		var back Config
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back.Recipe.Selection != run.Config.Recipe.Selection || back.Hash() != run.Hash {
			t.Errorf("%s: %+v becomes %+v (%v)", text, run.Config.Recipe.Selection, back.Recipe.Selection, err)
		}
	}
}

// TestImportHead: a file holds the official network, whose linear layer is no head of a method.
func TestImportHead(t *testing.T) {
	planOf(t, "out", testsuite.Text(testsuite.STSB, "vanilla", "")) // makes the twin
	file := filepath.Join(t.TempDir(), "model.pth")
	if err := os.WriteFile(file, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := NewImport(ImportOptions{File: file, Benchmark: "sts-b-dir", Scale: "tiny", Dataset: "sts-b-twin",
		Method: "uvote"},
		Options{Data: testsuite.Data, Out: t.TempDir()})
	if err == nil || !strings.HasPrefix(err.Error(), "method uvote: its head is not the official network's") {
		t.Errorf("error %v", err)
	}
}
