package task

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// Recipe is everything about training that changes the numbers, apart from the method, the seed and the data. A scale
// of a benchmark is a preset recipe; a suite may override any field. Epochs and bins count from 0.
type Recipe struct {
	Epochs        int     `yaml:"epochs" json:"epochs"`
	RetrainEpochs int     `yaml:"retrain_epochs" json:"retrain_epochs"` // of a second stage
	BatchSize     int     `yaml:"batch_size" json:"batch_size"`
	LR            float64 `yaml:"lr" json:"lr"`
	LRDrops       []int   `yaml:"lr_drops,flow" json:"lr_drops"` // epochs from which the rate is 10 times smaller, each
	WeightDecay   float64 `yaml:"weight_decay" json:"weight_decay"`
	ClipNorm      float64 `yaml:"clip_norm" json:"clip_norm"` // of the global gradient; 0: off
	// LabelMean and LabelScale bring labels to the network, whose target is (label - LabelMean) / LabelScale. A scale of 0
	// stands for the mean and the standard deviation of the training labels.
	LabelMean  float64 `yaml:"label_mean" json:"label_mean,omitempty"`
	LabelScale float64 `yaml:"label_scale" json:"label_scale"`
	// NetworkUnits says that methods, and their settings, see labels as the network does: those of the general benchmarks,
	// whose labels may have any unit. The published settings are in label units.
	NetworkUnits bool `yaml:"-" json:"network_units,omitempty"`

	// Optimizer is adam, adamw (Loshchilov and Hutter, ICLR 2019), or sgd with Momentum; empty: adam. Schedule of the
	// learning rate is milestones, those of LRDrops, or cosine, from LR down to LR times LREnd in the last epoch; empty:
	// milestones.
	Optimizer string  `yaml:"optimizer" json:"optimizer,omitempty"`
	Momentum  float64 `yaml:"momentum" json:"momentum,omitempty"`
	Schedule  string  `yaml:"schedule" json:"schedule,omitempty"`
	LREnd     float64 `yaml:"lr_end" json:"lr_end,omitempty"`

	// Selection says what chooses the epoch.
	Selection Selection `yaml:"selection" json:"selection"`
	// BNShards takes the statistics of batch normalisation over so many parts of a batch, as the original's data-parallel
	// training does; 1: over the whole batch.
	BNShards int `yaml:"bn_shards" json:"bn_shards"`

	// Precision is the type in which the heavy part of the network is computed, float32 or bfloat16; see
	// [models.PrecisionParam].
	Precision string `yaml:"precision" json:"precision"`

	// CheckEvery validates after so many steps, and MaxChecks ends training; 0: once an epoch.
	CheckEvery int `yaml:"check_every" json:"check_every"`
	MaxChecks  int `yaml:"max_checks" json:"max_checks"`
	// Patience ends training when there are more checks than this and the newest is the worst of the last so many, ties
	// included; 0: never. It is the official STS-B-DIR rule.
	Patience int `yaml:"patience" json:"patience"`
	// EarlyStop ends training after so many checks in a row that are no better than the best one; 0: never.
	EarlyStop int `yaml:"early_stop" json:"early_stop,omitempty"`

	Loss     methods.Loss     `yaml:"loss" json:"loss"`
	Focal    methods.Loss     `yaml:"focal" json:"focal"`       // in its place for Focal-R
	Reweight methods.Reweight `yaml:"reweight" json:"reweight"` // of LDS and RRT
	// InvClip bounds the counts of inverse re-weighting; [0, 0] leaves them.
	InvClip [2]int `yaml:"inv_clip,flow" json:"inv_clip"`
	// FirstBin is the first bin that re-weighting uses; those below take its density.
	FirstBin int            `yaml:"first_bin" json:"first_bin"`
	LDS      methods.Kernel `yaml:"lds,flow" json:"lds"`
	// LDSPadding is what smoothing assumes beyond the first and last bin.
	LDSPadding methods.Padding   `yaml:"lds_padding" json:"lds_padding"`
	FDS        methods.FDSConfig `yaml:"fds" json:"fds"`
	// Resample are the settings of SMOTER and SMOGN.
	Resample methods.ResampleOptions `yaml:"resample,flow" json:"resample,omitzero"`

	// The points in which the released code differs from the paper; those of FDS are in its section. All are off under
	// fidelity paper; fidelity official sets those that the benchmark's released code has.

	// TruncatedCounts cuts the smoothed counts of inverse re-weighting to whole numbers.
	TruncatedCounts bool `yaml:"truncated_counts" json:"truncated_counts,omitempty"`
	// PublishedCounts re-weights by the counts that the released code contains instead of the dataset's own, except on a
	// twin.
	PublishedCounts bool `yaml:"published_counts" json:"published_counts,omitempty"`
	// FrozenInTraining leaves batch normalisation and dropout of a frozen encoder in training mode.
	FrozenInTraining bool `yaml:"frozen_in_training" json:"frozen_in_training,omitempty"`
	// MixedLengths draws batches without regard to the lengths of their inputs.
	MixedLengths bool `yaml:"mixed_lengths" json:"mixed_lengths,omitempty"`
	// UnknownDepths trains on pixels without a depth as if they were at 0 m.
	UnknownDepths bool `yaml:"unknown_depths" json:"unknown_depths,omitempty"`

	// The section of the input; a recipe has one.
	Image  *ImageModel  `yaml:"image,omitempty" json:"image,omitempty"`
	Text   *TextModel   `yaml:"text,omitempty" json:"text,omitempty"`
	Depth  *DepthModel  `yaml:"depth,omitempty" json:"depth,omitempty"`
	Signal *SignalModel `yaml:"signal,omitempty" json:"signal,omitempty"`
	Table  *TableModel  `yaml:"table,omitempty" json:"table,omitempty"`
}

// PrecisionFloat32 is the other value of Recipe.Precision than [models.BFloat16].
const PrecisionFloat32 = "float32"

// The optimisers and the schedules of the learning rate; see [Recipe].
const (
	Adam       = "adam"
	AdamW      = "adamw"
	SGD        = "sgd"
	Milestones = "milestones"
	Cosine     = "cosine"
)

// For returns the recipe for a dataset: what it leaves to the label space and to the training labels, which are asked
// for only then, has its value. Nothing else asks for it: from here on a run follows the recipe.
func (r Recipe) For(space datasets.LabelSpace, trainLabels func() ([]float32, error)) (Recipe, error) {
	if r.FDS.LastBin == 0 {
		r.FDS.LastBin = space.Bins - 1
	}
	if r.LabelScale != 0 {
		return r, nil
	}
	labels, err := trainLabels()
	if err != nil {
		return r, err
	}
	wide := make([]float64, len(labels))
	for i, label := range labels {
		wide[i] = float64(label)
	}
	mean, variance := stat.PopMeanVariance(wide, nil)
	if r.LabelMean, r.LabelScale = mean, math.Sqrt(variance); !(r.LabelScale > 0) {
		return r, fmt.Errorf("all %d training labels are %v: there is nothing to learn", len(labels), labels[0])
	}
	return r, nil
}

// Target returns a label as the network sees it.
func (r Recipe) Target(label float32) float32 {
	if r.LabelMean == 0 {
		return label / float32(r.LabelScale)
	}
	return float32((float64(label) - r.LabelMean) / r.LabelScale) // labels in millions lose nothing here
}

// Rate returns the learning rate of an epoch, counted from 0, of so many. Cosine follows the code of Zha et al.
// (Rank-N-Contrast, NeurIPS 2023): epoch 0 is one step down already, and the last one has the end rate.
func (r Recipe) Rate(epoch, epochs int) float64 {
	if r.Schedule == Cosine {
		end := r.LR * r.LREnd
		return end + (r.LR-end)*(1+math.Cos(math.Pi*float64(epoch+1)/float64(epochs)))/2
	}
	rate := r.LR
	for _, drop := range r.LRDrops {
		if epoch >= drop {
			rate /= 10
		}
	}
	return rate
}

// Fidelity says whose algorithm a run follows. It is asked once, by the benchmark that makes a recipe from it.
type Fidelity string

const (
	// Paper follows the algorithm as published.
	Paper Fidelity = "paper"
	// Official reproduces the released code to rounding, its defects included.
	Official Fidelity = "official"
)

// Valid reports whether f is one of the two.
func (f Fidelity) Valid() bool { return f == Paper || f == Official }

// Used returns the recipe as a run has it: with the re-weighting rule that the method takes, and without the fields
// that it does not use, so that a change of one does not make a new run of methods that it does not concern.
func (r Recipe) Used(m methods.Composition) Recipe {
	stage := m.Stage()
	r = r.staged(stage)
	if stage.From == "" {
		r.RetrainEpochs, r.FrozenInTraining = 0, false
	}
	if !m.Focal() {
		r.Focal = methods.Loss{}
	}
	if !m.LDS() {
		r.LDS, r.LDSPadding = methods.Kernel{}, ""
	}
	if !m.FDS() {
		r.FDS = methods.FDSConfig{}
	}
	if m.Resample() == methods.ResampleNone {
		r.Resample = methods.ResampleOptions{}
	}
	if r.Optimizer == Adam {
		r.Optimizer = ""
	}
	if r.Optimizer != SGD {
		r.Momentum = 0
	}
	if r.Schedule != Cosine {
		r.Schedule, r.LREnd = "", 0
	}
	r.Reweight = m.WeightRule(r.Reweight)
	if r.Reweight != methods.ReweightInv {
		r.InvClip = [2]int{}
	}
	if r.Reweight == methods.ReweightNone && !m.Prepares() {
		r.FirstBin, r.PublishedCounts = 0, false
	}
	if !m.LDS() || r.Reweight != methods.ReweightInv {
		r.TruncatedCounts = false
	}
	return r
}

// staged returns the recipe of a stage. The epochs of a second one are RetrainEpochs.
func (r Recipe) staged(s methods.Stage) Recipe {
	epochs := &r.Epochs
	if s.From != "" {
		epochs = &r.RetrainEpochs
	}
	*epochs, r.BatchSize = cmp.Or(s.Epochs, *epochs), cmp.Or(s.BatchSize, r.BatchSize)
	r.LR, r.WeightDecay = cmp.Or(s.LR, r.LR), cmp.Or(s.WeightDecay, r.WeightDecay)
	r.Optimizer, r.Momentum = cmp.Or(s.Optimizer, r.Optimizer), cmp.Or(s.Momentum, r.Momentum)
	if s.Schedule != "" {
		r.Schedule, r.LREnd = s.Schedule, s.LREnd
	}
	r.FrozenInTraining = r.FrozenInTraining && !s.EvaluationMode
	if s.KeepLast {
		r.MaxChecks, r.Patience = 0, 0
	}
	if r.Image != nil && s.Augmentation != "" {
		image := *r.Image
		image.Augmentation = s.Augmentation
		r.Image = &image
	}
	return r
}

// Weighting returns the rule for the loss weights of a recipe that is [Recipe.Used] by a method.
func (r Recipe) Weighting(m methods.Composition) methods.Weighting {
	w := methods.Weighting{Reweight: r.Reweight, Padding: r.LDSPadding, FirstBin: r.FirstBin,
		ClipLow: r.InvClip[0], ClipHigh: r.InvClip[1], Truncate: r.TruncatedCounts}
	if m.LDS() {
		w.LDS = &r.LDS
	}
	return w
}

// Validate reports the first thing wrong with the recipe.
func (r Recipe) Validate() error {
	switch {
	case r.Epochs < 1 || r.RetrainEpochs < 1:
		return fmt.Errorf("epochs %d, retrain_epochs %d: expected at least 1", r.Epochs, r.RetrainEpochs)
	case r.BatchSize < 2:
		return fmt.Errorf("batch_size %d: expected at least 2", r.BatchSize)
	case !(r.LR > 0) || !(r.LabelScale >= 0) || r.LabelScale == 0 && !r.NetworkUnits:
		return fmt.Errorf("lr %g, label_scale %g: expected positive numbers", r.LR, r.LabelScale)
	case r.WeightDecay < 0 || r.ClipNorm < 0:
		return fmt.Errorf("weight_decay %g, clip_norm %g: expected 0 or more", r.WeightDecay, r.ClipNorm)
	case !slices.Contains([]string{"", Adam, AdamW, SGD}, r.Optimizer):
		return fmt.Errorf("optimizer %q: expected %s, %s or %s", r.Optimizer, Adam, AdamW, SGD)
	case r.Momentum < 0 || r.Momentum >= 1:
		return fmt.Errorf("momentum %g: expected 0 to below 1", r.Momentum)
	case r.Momentum > 0 && r.Optimizer != SGD:
		return fmt.Errorf("momentum %g: %s has none; add optimizer: %s", r.Momentum, cmp.Or(r.Optimizer, Adam), SGD)
	case !slices.Contains([]string{"", Milestones, Cosine}, r.Schedule):
		return fmt.Errorf("schedule %q: expected %s or %s", r.Schedule, Milestones, Cosine)
	case r.LREnd < 0 || r.LREnd > 1:
		return fmt.Errorf("lr_end %g: expected a share of lr, 0 to 1", r.LREnd)
	case r.LREnd > 0 && r.Schedule != Cosine:
		return fmt.Errorf("lr_end %g: the schedule is %s; add schedule: %s", r.LREnd, cmp.Or(r.Schedule, Milestones), Cosine)
	case r.CheckEvery < 0 || r.MaxChecks < 0 || r.Patience < 0 || r.EarlyStop < 0:
		return fmt.Errorf("check_every %d, max_checks %d, patience %d, early_stop %d: expected 0 or more",
			r.CheckEvery, r.MaxChecks, r.Patience, r.EarlyStop)
	case r.InvClip[0] < 0 || r.InvClip[1] < r.InvClip[0]:
		return fmt.Errorf("inv_clip %v: expected 0 <= low <= high", r.InvClip)
	case r.Selection.Split != SelectVal && r.Selection.Split != SelectOfficialTest:
		return fmt.Errorf("selection %q: expected %s or %s", r.Selection.Split, SelectVal, SelectOfficialTest)
	case r.Selection.Split == SelectOfficialTest && r.Depth == nil:
		return fmt.Errorf("selection %s: only NYUD2-DIR has no validation split of its own; expected %s", SelectOfficialTest,
			SelectVal)
	case r.Precision != PrecisionFloat32 && r.Precision != models.BFloat16:
		return fmt.Errorf("precision %q: expected %s or %s", r.Precision, PrecisionFloat32, models.BFloat16)
	case r.BNShards < 1:
		return fmt.Errorf("bn_shards %d: expected at least 1", r.BNShards)
	case r.FirstBin < 0:
		return fmt.Errorf("first_bin %d: expected 0 or more", r.FirstBin)
	case r.LDSPadding != methods.ZeroPadding && r.LDSPadding != methods.ReflectPadding:
		return fmt.Errorf("lds_padding %q: expected zero or reflect", r.LDSPadding)
	case r.Reweight != methods.ReweightInv && r.Reweight != methods.ReweightSqrtInv:
		return fmt.Errorf("reweight %q: expected inv or sqinv", r.Reweight)
	}
	for _, check := range []func() error{r.Loss.Validate, r.Focal.Validate, r.LDS.Validate, r.FDS.Validate,
		r.Resample.Validate} {
		if err := check(); err != nil {
			return err
		}
	}
	for _, input := range r.Inputs() {
		if err := input.Validate(); err != nil {
			return err
		}
	}
	return nil
}
