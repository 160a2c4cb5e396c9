package methods

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func init() {
	Register(Method{Name: "fds", SmoothsFeatures: true, Paper: yang2021,
		Summary: "feature distribution smoothing: features calibrated by smoothed statistics"})
}

// FDSConfig are the settings of feature distribution smoothing (FDS). The last five say where the released PyTorch code
// differs from the paper, or from itself on another benchmark.
type FDSConfig struct {
	Kernel Kernel `yaml:"kernel,flow" json:"kernel"`
	// FirstBin and LastBin bound the bins that have a bucket each, both inclusive. Samples beyond them are pooled into the
	// first and last bucket, provided that the end bin itself has samples in the epoch; see PoolEnds. In a recipe a
	// LastBin of 0 stands for the last bin of the dataset.
	FirstBin    int        `yaml:"first_bin" json:"first_bin"`
	LastBin     int        `yaml:"last_bin" json:"last_bin"`
	Momentum    float64    `yaml:"momentum" json:"momentum"`         // of the running statistics; published 0.9
	StartUpdate int        `yaml:"start_update" json:"start_update"` // first epoch, from 0, with statistics; published 0
	StartSmooth int        `yaml:"start_smooth" json:"start_smooth"` // first epoch, from 0, with calibration; published 1
	Clip        [2]float64 `yaml:"clip,flow" json:"clip"`            // bounds of the ratio of smoothed to running variance
	// PoolEnds pools the samples beyond FirstBin and LastBin even where the end bin has none of its own (NYUD2).
	PoolEnds bool `yaml:"pool_ends" json:"pool_ends"`
	// Statistics says when the features of an epoch are measured, StatisticsPass or StatisticsOnline.
	Statistics string `yaml:"statistics" json:"statistics"`

	// Features says which features are measured, FeaturesRaw as in the paper or FeaturesCalibrated. It decides whether the
	// regressor can read a label's bucket out of the calibration: see docs/methods.md.
	Features string `yaml:"features" json:"features"`
	// Empty says what becomes of a bucket without samples: EmptySkip, EmptyLeak or EmptyFill.
	Empty string `yaml:"empty" json:"empty"`
	// NewerStatistics whitens with statistics that are one epoch newer than those that features are re-coloured with: the
	// released code's buffers are one and the same (not on NYUD2, where it copies them).
	NewerStatistics bool `yaml:"newer_statistics" json:"newer_statistics"`
	// EndsByBatch calibrates samples beyond FirstBin and LastBin only in a batch with a sample of exactly that end's bin.
	EndsByBatch bool `yaml:"ends_by_batch" json:"ends_by_batch"`
	// SkipDegenerate leaves a sample alone if any dimension of its bucket has no variance, instead of that dimension. The
	// released STS-B and NYUD2 code does so under current PyTorch, where the sum of two booleans is never 2.
	SkipDegenerate bool `yaml:"skip_degenerate" json:"skip_degenerate"`
}

// When the features of an epoch are measured. A training loop calls Collect accordingly.
const (
	StatisticsPass   = "pass"   // in a second pass over the training set after the last step, as the released code does
	StatisticsOnline = "online" // within the steps, which costs no pass but sees parameters that still move
)

// Which features are measured.
const (
	FeaturesRaw        = "raw"        // those of the encoder
	FeaturesCalibrated = "calibrated" // those that Calibrate returns: the released age and STS-B code works in place
)

// What becomes of a bucket without samples.
const (
	EmptySkip = "skip" // it is left out when its neighbours are smoothed
	EmptyLeak = "leak" // its initial mean 0 and variance 1 are smoothed into its neighbours (released age and NYUD2 code)
	EmptyFill = "fill" // it has the mean of its neighbours' statistics (STS-B)
)

// DefaultFDS returns the settings of the paper for buckets from the first to the last bin: kernel gaussian, 5 taps,
// sigma 2; momentum 0.9; calibration from the second epoch on; variance ratio within 0.1 and 10.
func DefaultFDS(first, last int) FDSConfig {
	return FDSConfig{Kernel: DefaultKernel(), FirstBin: first, LastBin: last, Momentum: 0.9, StartSmooth: 1,
		Clip: [2]float64{0.1, 10}, Statistics: StatisticsPass, Features: FeaturesRaw, Empty: EmptySkip}
}

// Buckets returns the number of buckets.
func (c FDSConfig) Buckets() int { return c.LastBin - c.FirstBin + 1 }

// Validate reports the first thing wrong with the settings.
func (c FDSConfig) Validate() error {
	switch {
	case c.FirstBin < 0 || c.LastBin != 0 && c.Buckets() < 2:
		return fmt.Errorf("fds: bins %d to %d: expected at least two buckets", c.FirstBin, c.LastBin)
	case c.LastBin != 0 && c.Kernel.Size/2 >= c.Buckets():
		return fmt.Errorf("fds: kernel size %d is too large for %d buckets", c.Kernel.Size, c.Buckets())
	case c.Momentum < 0 || c.Momentum >= 1:
		return fmt.Errorf("fds: momentum %g: expected 0 <= momentum < 1", c.Momentum)
	case !(c.Clip[0] > 0) || c.Clip[1] < c.Clip[0]:
		return fmt.Errorf("fds: clip %g to %g: expected 0 < min <= max", c.Clip[0], c.Clip[1])
	case c.Statistics != StatisticsPass && c.Statistics != StatisticsOnline:
		return fmt.Errorf("fds: statistics %q: expected %s or %s", c.Statistics, StatisticsPass, StatisticsOnline)
	case c.Features != FeaturesRaw && c.Features != FeaturesCalibrated:
		return fmt.Errorf("fds: features %q: expected %s or %s", c.Features, FeaturesRaw, FeaturesCalibrated)
	case c.Empty != EmptySkip && c.Empty != EmptyLeak && c.Empty != EmptyFill:
		return fmt.Errorf("fds: empty %q: expected %s, %s or %s", c.Empty, EmptySkip, EmptyLeak, EmptyFill)
	}
	return c.Kernel.Validate()
}

// Ready is Validate for settings whose last bin is known, so that there must be at least two buckets.
func (c FDSConfig) Ready() error {
	if err := c.Validate(); err != nil || c.LastBin != 0 {
		return err
	}
	return fmt.Errorf("fds: bins %d to 0: expected at least two buckets", c.FirstBin)
}

// FDS is feature distribution smoothing (Yang et al. 2021, section 3.2) as a layer: its state, the statistics of each
// label bucket, is variables in a GoMLX store, so that it travels with the model's parameters.
//
// In a training step call Calibrate between encoder and regressor. Feed every training feature of an epoch through
// Collect, after the epoch or within its steps before Calibrate, then call EndEpoch once. Evaluation uses none of them.
type FDS struct {
	config FDSConfig
	dim    int // features per sample
	scope  *model.Scope
	// smoothing is the window as a matrix over buckets, reflected at both ends without repeating the edge.
	smoothing [][]float32
}

// NewFDS returns the layer for features of dim values with its state under the given scope. Layers made with the same
// scope share their state, so the graphs of training step, collection and epoch end can each make their own.
func NewFDS(scope *model.Scope, config FDSConfig, dim int) (*FDS, error) {
	if dim < 1 {
		return nil, fmt.Errorf("fds: %d features: expected at least one", dim)
	}
	if err := config.Ready(); err != nil {
		return nil, err
	}
	return &FDS{config: config, dim: dim, scope: scope.At("fds"), smoothing: config.smoothingMatrix()}, nil
}

func (c FDSConfig) smoothingMatrix() [][]float32 {
	n, window := c.Buckets(), c.Kernel.FDSWindow()
	matrix := make([][]float32, n)
	for i := range matrix {
		matrix[i] = make([]float32, n)
		for t, weight := range window {
			j := i + t - len(window)/2
			if j < 0 {
				j = -j
			}
			if j >= n {
				j = 2*(n-1) - j
			}
			matrix[i][j] += float32(weight)
		}
	}
	return matrix
}

// state is a [buckets, dim] variable, or [rows, dim] for the accumulators.
func (f *FDS) state(name string, rows int, initial float64) *model.Variable {
	return f.variable(name, shapes.Make(dtypes.Float32, rows, f.dim), initial)
}

func (f *FDS) variable(name string, shape shapes.Shape, initial float64) *model.Variable {
	if v := f.scope.GetVariable(name); v != nil {
		return v
	}
	value := tensors.FromShape(shape)
	if initial != 0 {
		tensors.MustMutableFlatData(value, func(flat []float32) {
			for i := range flat {
				flat[i] = float32(initial)
			}
		})
	}
	return f.scope.VariableWithValue(name, value).SetTrainable(false)
}

// node reads a variable in a graph. GoMLX embeds variables as constants where a graph is not marked as training and the
// backend prefers that, as its pure Go backend does; the layer's state changes from call to call, so it is read as in
// training.
func (f *FDS) node(v *model.Variable, g *Graph) *Node {
	training := f.scope.IsTraining(g)
	f.scope.SetTraining(g, true)
	defer f.scope.SetTraining(g, training)
	return v.NodeValue(g)
}

func (f *FDS) runningMean() *model.Variable  { return f.state("running_mean", f.config.Buckets(), 0) }
func (f *FDS) runningVar() *model.Variable   { return f.state("running_var", f.config.Buckets(), 1) }
func (f *FDS) lastMean() *model.Variable     { return f.state("last_mean", f.config.Buckets(), 0) }
func (f *FDS) lastVar() *model.Variable      { return f.state("last_var", f.config.Buckets(), 1) }
func (f *FDS) smoothedMean() *model.Variable { return f.state("smoothed_mean", f.config.Buckets(), 0) }
func (f *FDS) smoothedVar() *model.Variable  { return f.state("smoothed_var", f.config.Buckets(), 1) }

// seen is 1 for a bucket that ever had a sample, shape [buckets, 1].
func (f *FDS) seen() *model.Variable {
	return f.variable("seen", shapes.Make(dtypes.Float32, f.config.Buckets(), 1), 0)
}

// lastSeen is seen as of the statistics that Calibrate re-colours with.
func (f *FDS) lastSeen() *model.Variable {
	return f.variable("last_seen", shapes.Make(dtypes.Float32, f.config.Buckets(), 1), 0)
}

// epochCount is the number of samples collected in this epoch, with a row for each side beyond the buckets.
func (f *FDS) epochCount() *model.Variable {
	return f.variable("epoch_count", shapes.Make(dtypes.Float32, f.config.Buckets()+2, 1), 0)
}

// epoch counts the calls of EndEpoch; a float32 scalar.
func (f *FDS) epoch() *model.Variable {
	return f.variable("epoch", shapes.Make(dtypes.Float32), 0)
}

// Calibrate moves the features of a training batch from the statistics of their own bucket to the smoothed ones:
//
//	z <- (z - mean) sqrt(clip(smoothedVar / var)) + smoothedMean
//
// z has shape [n, dim], bins the label bin of each sample, shape [n], any integer type, negative where the label is
// unknown. No gradient flows through the statistics. Before epoch StartSmooth it returns z; a dimension whose variance
// is zero stays as it is.
func (f *FDS) Calibrate(z, bins *Node) *Node {
	g := z.Graph()
	bucket := f.assign(bins)
	at := MaxScalar(bucket, 0)
	row := func(table *Node) *Node { return StopGradient(Gather(table, InsertAxes(at, -1))) }

	calibrated := CalibrateFeatures(z,
		row(f.node(f.lastMean(), g)), row(f.node(f.lastVar(), g)),
		row(f.node(f.smoothedMean(), g)), row(f.node(f.smoothedVar(), g)),
		f.config.Clip[0], f.config.Clip[1], f.config.SkipDegenerate)

	started := GreaterOrEqual(f.node(f.epoch(), g), Scalar(g, dtypes.Float32, f.config.StartSmooth))
	active := LogicalAnd(GreaterOrEqual(bucket, ZerosLike(bucket)), started)
	return Where(BroadcastToDims(InsertAxes(active, -1), calibrated.Shape().Dimensions...), calibrated, z)
}

// CalibrateFeatures whitens z with mean m1 and variance v1 and re-colours it with m2 and v2, dimension by dimension:
// (z - m1) sqrt(clip(v2/v1, lo, hi)) + m2. All have shape [n, d]. Dimensions with v1 <= 0 or v2 < 0 stay as they are,
// and so does a sample whose v1 sums to less than 1e-10; with skipDegenerate, a single such dimension keeps its whole
// sample as it is.
func CalibrateFeatures(z, m1, v1, m2, v2 *Node, lo, hi float64, skipDegenerate bool) *Node {
	valid := LogicalAnd(IsPositive(v1), IsNonNegative(v2))
	ratio := ClipScalar(Div(v2, Where(valid, v1, OnesLike(v1))), lo, hi)
	moved := Add(Mul(Sub(z, m1), Sqrt(ratio)), m2)

	total := ReduceAndKeep(v1, ReduceSum, -1)
	sample := GreaterOrEqual(total, ConstAs(total, 1e-10))
	if skipDegenerate {
		sample = LogicalAnd(sample, ReduceAndKeep(valid, ReduceLogicalAnd, -1))
	}
	valid = LogicalAnd(valid, BroadcastToShape(sample, valid.Shape()))
	return Where(valid, moved, z)
}

// assign returns the bucket of each sample as int32, or -1 for a sample that FDS leaves alone: one with a negative bin.
func (f *FDS) assign(bins *Node) *Node {
	bins = ConvertDType(bins, dtypes.Int32)
	return Where(IsNegative(bins), ConstAs(bins, -1), f.bucket(bins))
}

// bucket returns the bucket of each bin, or -1 for a sample that FDS leaves alone: with EmptySkip one whose bucket has
// no statistics yet, with EndsByBatch one beyond an end of the range in a batch without a sample of exactly that end's
// bin.
func (f *FDS) bucket(bins *Node) *Node {
	first, last := ConstAs(bins, f.config.FirstBin), ConstAs(bins, f.config.LastBin)
	bucket := Sub(Min(Max(bins, first), last), first)
	if f.config.Empty == EmptySkip {
		seen := Squeeze(Gather(f.node(f.lastSeen(), bins.Graph()), InsertAxes(bucket, -1)), -1)
		bucket = Where(IsPositive(seen), bucket, ConstAs(bucket, -1))
	}
	if !f.config.EndsByBatch || f.config.PoolEnds {
		return bucket
	}
	below := LogicalAnd(LessThan(bins, first), LogicalNot(LogicalAny(Equal(bins, first))))
	above := LogicalAnd(GreaterThan(bins, last), LogicalNot(LogicalAny(Equal(bins, last))))
	return Where(LogicalOr(below, above), ConstAs(bucket, -1), bucket)
}
