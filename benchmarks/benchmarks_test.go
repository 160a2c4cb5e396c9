package benchmarks

import (
	"strings"
	"testing"

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
			recipe, err := b.Recipe(scale)
			if err == nil {
				err = recipe.Validate()
			}
			if err != nil {
				t.Errorf("%s at scale %s: %v", name, scale, err)
			}
		}
	}
}

func TestLookupErrors(t *testing.T) {
	if _, err := Lookup("agedb"); err == nil || !strings.HasPrefix(err.Error(), `benchmark "agedb": expected one of imdb-wiki-dir, agedb-dir, `) {
		t.Errorf("error %v", err)
	}
	if _, err := agedb().Recipe("huge"); err == nil || err.Error() != `scale "huge": expected one of tiny, small, full` {
		t.Errorf("error %v", err)
	}
}

// TestPresetsAreApart: a suite that changes one recipe must not change the preset of the next.
func TestPresetsAreApart(t *testing.T) {
	changed, err := agedb().Recipe("tiny")
	if err != nil {
		t.Fatal(err)
	}
	changed.Image.Size, changed.LRDrops[0] = 999, 999
	if again, _ := agedb().Recipe("tiny"); again.Image.Size == 999 || again.LRDrops[0] == 999 {
		t.Error("two recipes of a scale share memory")
	}
}

func TestRecipeErrors(t *testing.T) {
	tests := []struct {
		change func(*Recipe)
		want   string
	}{
		{func(r *Recipe) { r.Epochs = 0 }, "epochs 0, "},
		{func(r *Recipe) { r.RetrainEpochs = -1 }, "retrain_epochs -1: expected at least 1"},
		{func(r *Recipe) { r.BatchSize = 1 }, "batch_size 1: expected at least 2"},
		{func(r *Recipe) { r.LR = 0 }, "lr 0, "},
		{func(r *Recipe) { r.LabelScale = -1 }, "label_scale -1: expected positive"},
		{func(r *Recipe) { r.WeightDecay = -1 }, "weight_decay -1, "},
		{func(r *Recipe) { r.ClipNorm = -1 }, "clip_norm -1: expected 0 or more"},
		{func(r *Recipe) { r.CheckEvery = -1 }, "check_every -1, "},
		{func(r *Recipe) { r.MaxChecks = -1 }, "max_checks -1, "},
		{func(r *Recipe) { r.Patience = -1 }, "patience -1: "},
		{func(r *Recipe) { r.InvClip = [2]int{-1, 5} }, "inv_clip [-1 5]: expected 0 <= low <= high"},
		{func(r *Recipe) { r.InvClip = [2]int{5, 1} }, "inv_clip [5 1]: "},
		{func(r *Recipe) { r.Reweight = methods.ReweightNone }, `reweight "none": expected inv or sqinv`},
		{func(r *Recipe) { r.Loss.Kind = "l3" }, `"l3"`},
		{func(r *Recipe) { r.Focal.Activation = "relu" }, `"relu"`},
		{func(r *Recipe) { r.LDS.Size = 4 }, "kernel size 4: expected an odd number"},
		{func(r *Recipe) { r.Precision = "float16" }, `precision "float16": expected float32 or bfloat16`},
		{func(r *Recipe) { r.FDS.LastBin = -1 }, "bin"},
		{func(r *Recipe) { r.FDS.Statistics = "" }, `fds: statistics "": expected pass or online`},
		{func(r *Recipe) { r.Resample.K = 0 }, "resample: k 0: expected at least 1"},
		{func(r *Recipe) { r.Resample.Threshold = 2 }, "resample: threshold 2: "},
		{func(r *Recipe) { r.Image.Size = 7 }, "image: size 7, "},
		{func(r *Recipe) { r.Image.CropPad = -1 }, "crop_pad -1: "},
		{func(r *Recipe) { r.Image.Width = 0 }, "image: width 0: "},
		{func(r *Recipe) { r.Image.Encoder = "vgg" }, `image: encoder "vgg": expected tiny-resnet or resnet50`},
		{func(r *Recipe) { r.Text = &TextModel{Tokenizer: "none"} }, `text: tokenizer "none": expected lower or treebank`},
		{func(r *Recipe) { r.Text = &TextModel{Tokenizer: "lower"} }, "text: max_tokens, "},
		{func(r *Recipe) { r.Text = stsbTiny().Text; r.Text.Dropout = 1 }, "text: dropout 1: "},
	}
	for _, tt := range tests {
		recipe := ageTiny()
		tt.change(&recipe)
		if err := recipe.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
