// Package methods holds the methods of deep imbalanced regression as parts that work in any GoMLX model:
// label distribution smoothing and re-weighting, losses, feature distribution smoothing; and the registered methods
// that are made of such parts.
//
// LDS and FDS are of Yang, Zha, Chen, Wang, Katabi: Delving into Deep Imbalanced Regression (ICML 2021).
package methods

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Method is one method: what it changes in a training. Parts that are zero leave the training as it is. A method is
// added with [Register]; names of registered methods joined by "+" are a [Composition].
type Method struct {
	Name    string // lower-case letters, digits and "-"
	Summary string // one line for a list
	Paper   string // authors, title, venue and year; empty for common knowledge

	// Settings returns a pointer to a new struct with the method's published settings on a benchmark; nil: it has none of
	// its own. The fields are numbers, strings and booleans with equal yaml and json tags. A method "Validate() error" of
	// the struct checks them.
	Settings func(Traits) any
	// Fits says why a benchmark cannot have the method, as an error of one line; nil: each can.
	Fits func(Traits) error

	// Resample replaces the training rows before anything else sees them; the weights follow from the new ones. The
	// recipe has its settings.
	Resample Resample
	// Reweight is the rule for the weight of each bin, or ReweightDefault. ReweightNone keeps the rules of other methods
	// away; "" leaves the weights to them.
	Reweight Reweight
	// SmoothsLabels smooths the density that weights follow from (LDS), SmoothsFeatures calibrates the features (FDS).
	// The recipe has their settings.
	SmoothsLabels, SmoothsFeatures bool
	// Focal replaces the benchmark's loss by its Focal-R form, which the recipe has.
	Focal bool

	// Weights returns the loss weight of each training row from the labels of all, in label units, and the settings.
	Weights func(labels []float32, settings any) ([]float64, error)
	// Prepare computes what the other hooks read as Step.Prepared, once before the first step.
	Prepare func(t Training, settings any) (any, error)
	// Head takes the place of the linear layer above z. Its method has a Loss, which also weights the samples.
	Head *Head
	// Loss returns the scalar loss of a batch, in place of the benchmark's.
	Loss func(*Step) *Node
	// Penalty returns a scalar that is added to the loss of a batch.
	Penalty func(*Step) *Node
	// Views is the number of augmented copies of each row that a step makes beside the plain one; see Step.Views. With
	// ViewsAlone they take its place: the fields of Step then have all of them as rows, those of the first view first.
	// Only inputs with random augmentation can have views.
	Views      int
	ViewsAlone bool
	// Stage returns how the training differs from the recipe's, given the settings; nil: not at all.
	Stage func(settings any) Stage
	// EndEpoch is called after the steps of an epoch, before the model is validated. It changes the method's states.
	EndEpoch func(*Epoch)
	// EncoderOnly says that the method trains no head, and is there as the first stage of another: lists of methods and
	// tables of results leave it out.
	EncoderOnly bool
	// ShapesFeatures says that Loss and Penalty teach the encoder: where the training has two stages they belong to the
	// first one.
	ShapesFeatures bool
}

// Stage is a training that differs from the recipe's. Fields that are zero are as in the recipe.
type Stage struct {
	// From names the composition from whose finished training this one starts: its encoder comes frozen from there, and
	// only a newly initialised head is trained. Empty: encoder and head are trained from their first values.
	From string
	// EvaluationMode keeps batch normalisation and dropout of the frozen encoder in evaluation mode, also where the
	// recipe's frozen_in_training says otherwise.
	EvaluationMode bool
	// KeepLast ends with the parameters of the last epoch, not with those of the best validation.
	KeepLast bool

	Epochs, BatchSize         int
	LR, Momentum, WeightDecay float64
	Optimizer                 string  // as the recipe has it: "sgd"
	Schedule                  string  // "cosine", which ends at LR times LREnd
	LREnd                     float64 // used with Schedule
	Augmentation              string  // of images, as the recipe has it: "crop-and-colour"
}

// Training is what is known before the first step. Labels and what is made of them are in label units, which are
// standard deviations from the mean of the training labels where [Traits] says that labels are standardised.
type Training struct {
	Labels []float32 // of the training rows, after resampling; nil where labels are dense
	Counts []int     // training labels in each bin
	// Density are the counts, smoothed where the composition has lds. Bins below the recipe's first one take its density.
	Density []float64
	// Centers are the labels that stand for the bins: their middles, or the label itself where labels are whole numbers.
	Centers []float64
	// Middles are the middles of the bins, also where labels are whole numbers.
	Middles []float64
	// Lowest is where the first bin begins, Width the width of the bins, their mean width where they differ.
	Lowest, Width float64
	// LabelScale is the number of label units in a network unit.
	LabelScale float64
	BatchSize  int // of the recipe; the last batch of an epoch may be smaller
}

// Step is what a training step hands to a hook. Where labels are dense, n counts pixels.
type Step struct {
	Settings any // as Method.Settings returned them, with the suite's values
	Prepared any // what Method.Prepare returned; nil without

	Z          *Node // [n, dim] features, after FDS
	Outputs    *Node // [n, outputs] of Method.Head; nil without one
	Prediction *Node // [n] in network units
	Target     *Node // [n] in network units: (label - label_mean) / label_scale of the recipe
	Weight     *Node // [n] of the loss
	Bin        *Node // [n] int32, negative where the label is unknown
	Progress   *Node // scalar: epochs done before this one / epochs, from 0 to below 1

	// Views are the augmented copies of the rows that Method.Views asks for beside the plain ones; nil without. The
	// network computes them as a batch of their own, and FDS leaves them alone. Those of the first view stand first.
	Views *Rows

	// Base is the loss of the benchmark, or its Focal-R form where a method takes that.
	Base Loss
	// LabelScale is the number of label units in a network unit, 1 where labels are standardised; Pixels is the number of
	// labels of a row, 1 unless dense.
	LabelScale float64
	Pixels     int

	// Scope holds the method's own variables, which checkpoints keep.
	Scope *model.Scope
	// Rates are the learning rates of own variables that differ from the recipe's; see Variable.
	Rates map[*model.Variable]float64
}

// Rows are rows of a batch with what the network makes of them. Where labels are dense, n counts pixels.
type Rows struct {
	Z          *Node // [n, dim] features
	Prediction *Node // [n] in network units
	Target     *Node // [n] in network units
	Weight     *Node // [n] of the loss
	Bin        *Node // [n] int32, negative where the label is unknown
}

// Rows returns the plain rows of the step.
func (s *Step) Rows() Rows { return Rows{s.Z, s.Prediction, s.Target, s.Weight, s.Bin} }

// Means returns one row for every so many pixels, with the means over those of known label; 0 where there is none, and
// no bin. Rows of one pixel stay as they are.
func (r Rows) Means(pixels int) Rows {
	if pixels == 1 {
		return r
	}
	known := Reshape(indicator(GreaterOrEqual(r.Bin, ZerosLike(r.Bin)), r.Z), -1, pixels)
	count := ReduceSum(known, 1)
	mean := func(x *Node) *Node { return safeMean(ReduceSum(Mul(Reshape(x, -1, pixels), known), 1), count) }
	z := Einsum("ip,ipd->id", known, Reshape(r.Z, -1, pixels, r.Z.Shape().Dim(-1)))
	return Rows{Z: safeMean(z, InsertAxes(count, 1)), Prediction: mean(r.Prediction), Target: mean(r.Target),
		Weight: mean(r.Weight)}
}

// Variable returns the value of a trainable variable of the method's own. Its first value is initial, such as
// float32(1) or []float32{0, 0}. Its learning rate is constant, but 0 where the recipe's is 0, or the one of the recipe
// if rate is 0.
func (s *Step) Variable(name string, initial any, rate float64) *Node {
	v := s.Scope.VariableWithValue(name, initial)
	if rate > 0 {
		s.Rates[v] = rate
	}
	return v.NodeValue(s.Prediction)
}

// State returns float32 values of the method's own that no gradient moves, zeros of a shape in the first step.
// Checkpoints keep them.
func (s *Step) State(name string, shape ...int) State {
	v := s.Scope.GetVariable(name)
	if v == nil {
		v = s.Scope.VariableWithValue(name, tensors.FromShape(shapes.Make(dtypes.Float32, shape...))).SetTrainable(false)
	}
	return State{v, s.Prediction.Graph()}
}

// State are values that a method keeps from step to step.
type State struct {
	variable *model.Variable
	graph    *Graph
}

// Value returns the values as they are now: after the last Set, if there was one.
func (s State) Value() *Node { return s.variable.NodeValue(s.graph) }

// Set replaces the values.
func (s State) Set(value *Node) { s.variable.SetNodeValue(value) }

// Epoch is what the end of an epoch hands to a hook.
type Epoch struct {
	Settings, Prepared any // as in Step
	Graph              *Graph
	Scope              *model.Scope
}

// State returns values that the steps keep under the name.
func (e *Epoch) State(name string) State {
	v := e.Scope.GetVariable(name)
	if v == nil {
		exceptions.Panicf("methods: no step keeps a state %q", name)
	}
	return State{v, e.Graph}
}

// Traits are what a method may ask of a benchmark.
type Traits struct {
	Benchmark string // "agedb-dir"
	Dense     bool   // there is a label for every pixel
	Augmented bool   // training changes inputs at random
	// Standardised says that methods see labels in standard deviations from the mean of the training labels, and so are
	// the settings that are otherwise in label units.
	Standardised bool
	// Share is that of the full scale's epochs that the recipe of this scale has: 1 at full scale.
	Share float64
}

// Full reports whether the recipe is the published one.
func (t Traits) Full() bool { return t.Share == 1 }

// Epochs returns the epochs for a scale of a stage that was published with so many: the scale's share, rounded, at
// least 1.
func (t Traits) Epochs(published int) int { return max(1, int(math.Round(t.Share*float64(published)))) }

// ageDeviation is the standard deviation of the training ages of AgeDB-DIR, rounded. It brings settings that were
// published for ages to standardised labels.
const ageDeviation = 16

// years returns a number of years in the unit of labels: as it is, or in standard deviations.
func (t Traits) years(published float64) float64 {
	if t.Standardised {
		return published / ageDeviation
	}
	return published
}

// besideLoss returns the factor of a penalty that was published beside a mean absolute error of years, for one of the
// unit of labels: a penalty of features has no unit, and keeps its share of the loss.
func (t Traits) besideLoss(published float64) float64 { return t.years(published) }

// perYear returns a factor of years for the unit of labels.
func (t Traits) perYear(published float64) float64 {
	if t.Standardised {
		return published * ageDeviation
	}
	return published
}

// ReweightDefault is the rule that the benchmark's published recipe uses, SQINV for age and INV elsewhere, unless
// another method of the composition has a rule.
const ReweightDefault Reweight = "default"

const vanilla = "vanilla"

func init() {
	Register(Method{Name: vanilla, Summary: "the benchmark's plain loss"})
	Register(Method{Name: "rrt", Reweight: ReweightDefault, Paper: yang2021,
		Stage:   func(any) Stage { return Stage{From: vanilla} },
		Summary: "regressor re-training: frozen encoder, re-weighted second stage"})
}

const yang2021 = "Yang et al., Delving into Deep Imbalanced Regression, ICML 2021"

var registered = map[string]Method{}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Register adds a method, before anything is parsed: from an init function or at the beginning of main. It panics if
// the name is taken or has other characters.
func Register(m Method) {
	if _, twice := registered[m.Name]; twice || !nameForm.MatchString(m.Name) {
		panic(fmt.Sprintf("methods: %q is registered already, or is no name of lower-case letters, digits and '-'", m.Name))
	}
	registered[m.Name] = m
}

// All returns the registered methods but those that train an encoder only, in the order in which a composition names
// them.
func All() []Method {
	var all []Method
	for _, m := range registered {
		if !m.EncoderOnly {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, inOrder)
	return all
}

// Names returns the names of the registered methods in the order of [All].
func Names() []string {
	var names []string
	for _, m := range All() {
		names = append(names, m.Name)
	}
	return names
}

var errNoViews = errors.New("inputs have no random augmentation, so that there are no views of a row")

// samplesHaveLabels refuses dense labels.
func samplesHaveLabels(t Traits) error {
	if t.Dense {
		return errors.New("labels are dense, there is no label of a sample to compare by")
	}
	return nil
}

// Refusal returns why a benchmark cannot have the method, nil if it can.
func (m Method) Refusal(t Traits) error {
	if m.Head != nil && t.Dense {
		return errors.New("labels are dense, the head is for a single label of a sample")
	}
	if m.Weights != nil && t.Dense {
		return errors.New("labels are dense, there is no label of a sample to weight it by")
	}
	if m.Views > 0 && !t.Augmented {
		return errNoViews
	}
	if m.Fits == nil {
		return nil
	}
	return m.Fits(t)
}
