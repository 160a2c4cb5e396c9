package methods

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// FDSConfig configures feature distribution smoothing.
type FDSConfig struct {
	// FirstBin and LastBin bound the bins that have a bucket each, both inclusive. Samples beyond them are pooled into the
	// first and last bucket, provided that the end bin itself has samples; see PoolEnds.
	FirstBin, LastBin int
	Dim               int // features per sample
	Kernel            Kernel
	Momentum          float64 // of the running statistics; published 0.9
	StartUpdate       int     // epoch, from 0, whose end first collects statistics; published 0
	StartSmooth       int     // epoch, from 0, in which calibration begins; published 1
	// ClipMin and ClipMax bound the ratio of smoothed to running variance: 0.1, 10 for age; 0.5, 2 for STS-B.
	ClipMin, ClipMax float64
	// FillEmpty replaces the statistics of a bucket without samples by those of its neighbours (STS-B).
	FillEmpty bool
	// SkipDegenerate leaves a sample alone if any dimension of its bucket has no variance, instead of that dimension. The
	// released STS-B and NYUD2 code does so under current PyTorch, where the sum of two booleans is never 2.
	SkipDegenerate bool
	// PoolEnds pools the samples beyond FirstBin and LastBin even where the end bin has none of its own (NYUD2).
	PoolEnds bool
	// Copies says that the released code copies its statistics and features before it changes them (NYUD2). Elsewhere
	// official semantics reproduces what changing them in place does.
	Copies    bool
	Semantics Semantics
}

// Buckets returns the number of buckets.
func (c FDSConfig) Buckets() int { return c.LastBin - c.FirstBin + 1 }

// Validate reports the first thing wrong with the configuration.
func (c FDSConfig) Validate() error {
	switch {
	case c.FirstBin < 0 || c.Buckets() < 2:
		return fmt.Errorf("fds: bins %d to %d: expected at least two buckets", c.FirstBin, c.LastBin)
	case c.Dim < 1:
		return fmt.Errorf("fds: %d features: expected at least one", c.Dim)
	case c.Kernel.Size/2 >= c.Buckets():
		return fmt.Errorf("fds: kernel size %d is too large for %d buckets", c.Kernel.Size, c.Buckets())
	case c.Momentum < 0 || c.Momentum >= 1:
		return fmt.Errorf("fds: momentum %g: expected 0 <= momentum < 1", c.Momentum)
	case !(c.ClipMin > 0) || c.ClipMax < c.ClipMin:
		return fmt.Errorf("fds: clip %g to %g: expected 0 < min <= max", c.ClipMin, c.ClipMax)
	case !c.Semantics.Valid():
		return fmt.Errorf("fds: semantics %q: expected paper or official", c.Semantics)
	}
	return c.Kernel.Validate()
}

// FDS is feature distribution smoothing (Yang et al. 2021, section 3.2) as a layer: its state, the statistics of each
// label bucket, is variables in a GoMLX store, so that it travels with the model's parameters.
//
// In a training step call Calibrate between encoder and regressor. Feed every training feature of an epoch through
// Collect, after the epoch or within its steps before Calibrate, then call EndEpoch once. Evaluation uses none of them.
type FDS struct {
	config FDSConfig
	scope  *model.Scope
	// smoothing is the window as a matrix over buckets, reflected at both ends without repeating the edge.
	smoothing [][]float32
}

// NewFDS returns the layer with its state under the given scope. Layers made with the same scope share their state, so
// the graphs of training step, collection and epoch end can each make their own.
func NewFDS(scope *model.Scope, config FDSConfig) (*FDS, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &FDS{config: config, scope: scope.At("fds"), smoothing: config.smoothingMatrix()}, nil
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

// state is a [buckets, Dim] variable, or [rows, Dim] for the accumulators.
func (f *FDS) state(name string, rows int, initial float64) *model.Variable {
	return f.variable(name, shapes.Make(dtypes.Float32, rows, f.config.Dim), initial)
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

// node reads a variable in a graph. GoMLX embeds variables as constants where a graph is not marked as training and the backend
// prefers that, as its pure Go backend does; the layer's state changes from call to call, so it is read as in training.
func (f *FDS) node(v *model.Variable, g *graph.Graph) *graph.Node {
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

// lastSeen is seen as of the statistics that Calibrate whitens with.
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
