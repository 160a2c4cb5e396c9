package benchmarks

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

func TestPresetsAreValid(t *testing.T) {
	for _, name := range Names() {
		b, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Scales) != len(ScaleNames) {
			t.Errorf("%s: %d scales, want %q", name, len(b.Scales), ScaleNames)
		}
		for _, scale := range ScaleNames {
			for _, fidelity := range []task.Fidelity{task.Paper, task.Official} {
				recipe, err := b.Recipe(scale, fidelity)
				if err == nil {
					err = recipe.Validate()
				}
				if inputs := recipe.Inputs(); err != nil || len(inputs) != 1 || inputs[0].Modality() != b.Modality {
					t.Errorf("%s at scale %s, %s: %v, inputs %v", name, scale, fidelity, err, inputs)
				}
			}
		}
	}
}

func TestLookupErrors(t *testing.T) {
	if _, err := Lookup("agedb"); err == nil ||
		!strings.HasPrefix(err.Error(), `benchmark "agedb": expected one of imdb-wiki-dir, agedb-dir, `) {
		t.Errorf("error %v", err)
	}
	if _, err := agedb().Recipe("huge", task.Paper); err == nil ||
		err.Error() != `scale "huge": expected one of tiny, small, full` {
		t.Errorf("error %v", err)
	}
}

// TestPresetsAreApart: a suite that changes one recipe must not change the preset of the next.
func TestPresetsAreApart(t *testing.T) {
	changed, err := agedb().Recipe("tiny", task.Paper)
	if err != nil {
		t.Fatal(err)
	}
	changed.Image.Size, changed.LRDrops[0] = 999, 999
	if again, _ := agedb().Recipe("tiny", task.Paper); again.Image.Size == 999 || again.LRDrops[0] == 999 {
		t.Error("two recipes of a scale share memory")
	}
}

func TestRecipeErrors(t *testing.T) {
	tests := []struct {
		change func(*task.Recipe)
		want   string
	}{
		{func(r *task.Recipe) { r.Epochs = 0 }, "epochs 0, "},
		{func(r *task.Recipe) { r.RetrainEpochs = -1 }, "retrain_epochs -1: expected at least 1"},
		{func(r *task.Recipe) { r.BatchSize = 1 }, "batch_size 1: expected at least 2"},
		{func(r *task.Recipe) { r.LR = 0 }, "lr 0, "},
		{func(r *task.Recipe) { r.LabelScale = -1 }, "label_scale -1: expected positive"},
		{func(r *task.Recipe) { r.WeightDecay = -1 }, "weight_decay -1, "},
		{func(r *task.Recipe) { r.ClipNorm = -1 }, "clip_norm -1: expected 0 or more"},
		{func(r *task.Recipe) { r.Optimizer = "sdg" }, `optimizer "sdg": expected adam, adamw or sgd`},
		{func(r *task.Recipe) { r.Momentum = 1 }, "momentum 1: expected 0 to below 1"},
		{func(r *task.Recipe) { r.Momentum = 0.9 }, "momentum 0.9: adam has none; add optimizer: sgd"},
		{func(r *task.Recipe) { r.Schedule = "cos" }, `schedule "cos": expected milestones or cosine`},
		{func(r *task.Recipe) { r.LREnd = 2 }, "lr_end 2: expected a share of lr"},
		{func(r *task.Recipe) { r.LREnd = 0.1 }, "lr_end 0.1: the schedule is milestones; add schedule: cosine"},
		{func(r *task.Recipe) { r.CheckEvery = -1 }, "check_every -1, "},
		{func(r *task.Recipe) { r.MaxChecks = -1 }, "max_checks -1, "},
		{func(r *task.Recipe) { r.Patience = -1 }, "patience -1, "},
		{func(r *task.Recipe) { r.EarlyStop = -1 }, "early_stop -1: "},
		{func(r *task.Recipe) { r.InvClip = [2]int{-1, 5} }, "inv_clip [-1 5]: expected 0 <= low <= high"},
		{func(r *task.Recipe) { r.InvClip = [2]int{5, 1} }, "inv_clip [5 1]: "},
		{func(r *task.Recipe) { r.Reweight = methods.ReweightNone }, `reweight "none": expected inv or sqinv`},
		{func(r *task.Recipe) { r.Loss.Kind = "l3" }, `"l3"`},
		{func(r *task.Recipe) { r.Focal.Activation = "relu" }, `"relu"`},
		{func(r *task.Recipe) { r.LDS.Size = 4 }, "kernel size 4: expected an odd number"},
		{func(r *task.Recipe) { r.Precision = "float16" }, `precision "float16": expected float32 or bfloat16`},
		{func(r *task.Recipe) { r.FDS.LastBin = -1 }, "bin"},
		{func(r *task.Recipe) { r.FDS.Statistics = "" }, `fds: statistics "": expected pass or online`},
		{func(r *task.Recipe) { r.Resample.K = 0 }, "resample: k 0: expected at least 1"},
		{func(r *task.Recipe) { r.Resample.Threshold = 2 }, "resample: threshold 2: "},
		{func(r *task.Recipe) { r.Image.Size = 7 }, "image: size 7, "},
		{func(r *task.Recipe) { r.Image.CropPad = -1 }, "crop_pad -1: "},
		{func(r *task.Recipe) { r.Image.Width = 0 }, "image: width 0: "},
		{func(r *task.Recipe) { r.Image.Encoder = "vgg" }, `image: encoder "vgg": expected tiny-resnet or resnet50`},
		{func(r *task.Recipe) { r.Table = &task.TableModel{Hidden: []int{10, 0}} }, "table: hidden [10 0]: "},
		{func(r *task.Recipe) { r.Text = &task.TextModel{Tokenizer: "none"} },
			`text: tokenizer "none": expected lower, words or treebank`},
		{func(r *task.Recipe) { r.Text = &task.TextModel{Tokenizer: "lower"} }, "text: max_tokens, "},
		{func(r *task.Recipe) { r.Text = stsbTiny().Text; r.Text.Dropout = 1 }, "text: dropout 1: "},
	}
	for _, tt := range tests {
		recipe := ageTiny()
		tt.change(&recipe)
		if err := recipe.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// TestRelease: what the released code does other than the paper, by benchmark.
func TestRelease(t *testing.T) {
	type differences struct {
		truncated, published, frozen, mixed, unknown, newer, ends, degenerate bool
		features, empty                                                       string
	}
	of := func(r task.Recipe) differences {
		return differences{r.TruncatedCounts, r.PublishedCounts, r.FrozenInTraining, r.MixedLengths, r.UnknownDepths,
			r.FDS.NewerStatistics, r.FDS.EndsByBatch, r.FDS.SkipDegenerate, r.FDS.Features, r.FDS.Empty}
	}
	age := differences{truncated: true, frozen: true, newer: true, ends: true, features: "calibrated", empty: "leak"}
	pairs := differences{truncated: true, frozen: true, mixed: true, newer: true, ends: true, degenerate: true,
		features: "calibrated", empty: "fill"}
	depth := differences{truncated: true, published: true, frozen: true, unknown: true, ends: true, degenerate: true,
		features: "raw", empty: "leak"}
	for name, want := range map[string]differences{"agedb-dir": age, "imdb-wiki-dir": age, "shhs-dir": age,
		"sts-b-dir": pairs, "nyud2-dir": depth} {
		b, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		official, err := b.Recipe("full", task.Official)
		if err != nil || of(official) != want {
			t.Errorf("%s: error %v, differences %+v, want %+v", name, err, of(official), want)
		}
		plain := differences{features: "raw", empty: "skip"}
		if name == "sts-b-dir" {
			plain.empty = "fill"
		}
		if paper, err := b.Recipe("full", task.Paper); err != nil || of(paper) != plain {
			t.Errorf("%s: error %v, differences %+v under fidelity paper", name, err, of(paper))
		}
	}
}

// TestGeneral: what depends on labels is open in a recipe for any label until the dataset is known.
func TestGeneral(t *testing.T) {
	space := datasets.LabelSpace{Min: -5, Max: 5, Rule: datasets.BinWidth, Bins: 20, Width: 0.5}
	labels := func() ([]float32, error) { return []float32{-3, -1, 1, 3}, nil }
	for _, name := range []string{"image", "text", "signal"} {
		b, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		open, err := b.Recipe("tiny", task.Paper)
		if err != nil || open.LabelScale != 0 || open.FDS.LastBin != 0 || !b.General() || name != string(b.Modality) ||
			!b.Traits("tiny").Standardised {
			t.Errorf("%s: error %v, label scale %g, last bin %d", name, err, open.LabelScale, open.FDS.LastBin)
		}
		r, err := open.For(space, labels)
		if err != nil || r.LabelMean != 0 || r.LabelScale != math.Sqrt(5) || r.FDS.LastBin != 19 ||
			r.Target(1) != float32(1/math.Sqrt(5)) {
			t.Errorf("%s: error %v, mean %g, scale %g, last bin %d", name, err, r.LabelMean, r.LabelScale, r.FDS.LastBin)
		}
	}
}

// TestForKeepsWhatIsGiven: a recipe that names its values has them on any dataset, and nobody reads its labels.
func TestForKeepsWhatIsGiven(t *testing.T) {
	for _, recipe := range []task.Recipe{ageTiny(), stsbTiny(), signalTiny()} {
		same, err := recipe.For(datasets.AgeSpace(), func() ([]float32, error) { return nil, errors.New("asked for labels") })
		if err != nil || !reflect.DeepEqual(same, recipe) {
			t.Errorf("error %v, %+v, want %+v", err, same, recipe)
		}
	}
	open := anyLabel(ageTiny())
	open.LabelMean, open.LabelScale = 1e6, 1e5
	r, err := open.For(datasets.AgeSpace(), nil)
	if err != nil || r.Target(1_000_001) != 1e-5 { // a difference that float32 has in the label and not in its tenth
		t.Errorf("error %v, target %g", err, r.Target(1_000_001))
	}
	_, err = anyLabel(ageTiny()).For(datasets.AgeSpace(), func() ([]float32, error) { return []float32{7, 7}, nil })
	if err == nil || err.Error() != "all 2 training labels are 7: there is nothing to learn" {
		t.Errorf("error %v", err)
	}
}

// TestUsedHasTheMethodsRule: the recipe of a run tells by which rule it re-weights.
func TestUsedHasTheMethodsRule(t *testing.T) {
	recipe, err := agedb().Recipe("tiny", task.Paper)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]methods.Reweight{"inv": methods.ReweightInv, "lds": methods.ReweightSqrtInv,
		"rrt": methods.ReweightSqrtInv, "inv+lds": methods.ReweightInv, "vanilla": methods.ReweightNone,
		"fds": methods.ReweightNone} {
		m, err := methods.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		used := recipe.Used(m)
		if used.Reweight != want || used.Used(m).Reweight != want {
			t.Errorf("%s: reweight %q, want %q", name, used.Reweight, want)
		}
	}
}
