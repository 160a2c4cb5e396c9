package train

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// FeatureOptions say where a run's data are and who is told how its analysis goes on.
type FeatureOptions struct {
	Data       string // root of the prepared datasets
	Embeddings string // the word vectors that the run was trained with, if it was
	// Note is told in a line what a person may want to know, Progress how many of the training rows are done; both may be
	// nil.
	Note     func(string)
	Progress func(done, total int)
}

// FeatureStatistics describe the features z of a run's best checkpoint on its training split.
type FeatureStatistics struct {
	// Features are those that the encoder makes, in evaluation mode.
	Features BucketStatistics
	// Calibrated are the same after the calibration layer of feature distribution smoothing, with the statistics that the
	// checkpoint holds; nil without the layer, or before its first epoch of smoothing.
	Calibrated *BucketStatistics
}

// Features runs a finished run over its training split, without augmentation, and returns the statistics of the
// encoder's features in each bin of the label space, and the errors of what the regressor makes of them. Resampled
// methods are measured on the original rows. Where labels are dense, features are counted per pixel with a known label,
// over the subset of frames in which the benchmark measures features for FDS. The dataset's files must be those that
// the run was trained on.
func Features(ctx context.Context, backend compute.Backend, there store.Run, o FeatureOptions) (
	FeatureStatistics, error) {
	run, err := plan.Reopen(there, o.Data, task.LoadOptions{Embeddings: o.Embeddings})
	if err != nil {
		return FeatureStatistics{}, err
	}
	run.Method = run.Method.WithoutResampling()
	var stats FeatureStatistics
	err = Recovered(func() error {
		task, err := LoadTask(ctx, run, noting{note: o.Note})
		if err != nil {
			return err
		}
		stats, err = measureFeatures(ctx, backend, run, task, o.Progress)
		return err
	})
	if ctx.Err() != nil {
		return FeatureStatistics{}, ctx.Err()
	}
	if err != nil { // a panic of the backend brings its stack
		return FeatureStatistics{}, fmt.Errorf("%s: %s", there.Dir, store.FirstLine(err))
	}
	return stats, nil
}

// noting is a listener that passes on notes.
type noting struct {
	Silent
	note func(string)
}

func (n noting) Note(_ *plan.Run, text string) {
	if n.note != nil {
		n.note(text)
	}
}

func measureFeatures(ctx context.Context, backend compute.Backend, run *plan.Run, task task.Task,
	progress func(int, int)) (
	stats FeatureStatistics, err error) {
	trainer, kept, err := openTrained(backend, run, task)
	if err != nil {
		return stats, err
	}
	defer trainer.close()
	m := featureMeter{trainer: trainer, calibrates: trainer.fds != nil &&
		kept.epoch() >= run.Config.Recipe.FDS.StartSmooth}
	if m.exec, err = model.NewExec(backend, trainer.store, m.graph); err != nil {
		return stats, err
	}
	defer m.exec.Finalize()
	if err := m.measure(ctx, progress); err != nil {
		return stats, err
	}
	return m.statistics(), kept.checkComplete(trainer.store)
}

// epoch is the number of epochs after which FDS has updated its statistics; 0 without it.
func (k snapshot) epoch() int {
	if value, ok := k["/fds/epoch"]; ok {
		return int(tensors.ToScalar[float32](value))
	}
	return 0
}

// checkComplete makes sure that no variable of the network was made anew because the checkpoint lacks it.
func (k snapshot) checkComplete(s *model.Store) error {
	for v := range s.IterVariables() {
		network := strings.HasPrefix(v.Path(), "/"+encoderScope+"/") || strings.HasPrefix(v.Path(), "/"+regressorScope+"/")
		if _, there := k[v.Path()]; !there && network {
			return fmt.Errorf("checkpoint: %s is missing", v.Path())
		}
	}
	return nil
}

// featureMeter gathers the statistics batch by batch.
type featureMeter struct {
	*trainer
	calibrates bool
	exec       *model.Exec
	meters     [2]*bucketMeter // before and after calibration
}

// graph returns z [m, Dim] and the predictions from it [m] in label units, then with FDS those of the calibrated z.
func (m *featureMeter) graph(scope *model.Scope, in []*Node) []*Node {
	s := measuringInputs(in)
	z := m.task.Encode(scope.At(encoderScope), s.inputs, false)
	z = m.task.Feature(scope.At(regressorScope), z, false)
	out := m.predicted(scope, z)
	if m.calibrates {
		out = append(out, m.predicted(scope, m.calibrate(z, s.bins))...)
	}
	return out
}

// predicted returns z as a row for each prediction, and the predictions.
func (m *featureMeter) predicted(scope *model.Scope, z *Node) []*Node {
	prediction := m.labelUnits(m.regress(scope, z).prediction)
	return []*Node{Reshape(z, -1, m.task.Dim()), Reshape(prediction, -1)}
}

// measure goes over the training rows from short to long inputs.
func (m *featureMeter) measure(ctx context.Context, progress func(done, total int)) error {
	order := m.rows()
	size := m.task.AtOnce(len(order), m.run.Config.Recipe.BatchSize)
	for i := range m.meters {
		m.meters[i] = newBucketMeter(m.run.Config.LabelSpace.Bins, m.task.Dim())
	}
	assemble := func(i int) measuredBatch {
		return m.batch(paddedRows(order, i, size), min(size, len(order)-i*size))
	}
	done := 0
	for b := range inOrder(ctx, 0, (len(order)+size-1)/size, assemble) {
		out, err := m.call(m.exec, append(b.inputs, b.bins)...)
		if err != nil {
			return err
		}
		for i, z := range out {
			switch values := tensors.MustCopyFlatData[float32](z); i % 2 {
			case 0:
				m.meters[i/2].add(values, b.counted)
			default:
				m.meters[i/2].addErrors(values, b.labels, b.counted, metrics.Options{GMZero: m.run.Benchmark.GMZero})
			}
			z.MustFinalizeAll()
		}
		m.memory.Release(append(b.inputs, b.bins)...)
		if done += b.rows; progress != nil {
			progress(done, len(order))
		}
	}
	return ctx.Err()
}

// rows are all training rows or the subset in which the benchmark measures features.
func (m *featureMeter) rows() []int {
	if subset := m.task.Split(datasets.Train).Subset; subset != nil {
		return subset
	}
	return byLength(m.task, datasets.Train)
}

// measuredBatch is a batch with the bin of each of its features.
type measuredBatch struct {
	inputs  []*tensors.Tensor
	bins    *tensors.Tensor
	labels  []float32 // in label units
	counted []int32   // bins of the rows that are not padding
	rows    int
}

func (m *featureMeter) batch(rows []int, counted int) measuredBatch {
	inputs, labels := m.task.Batch(m.memory, datasets.Train, rows, nil)
	upload(m.backend, inputs...)
	b := measuredBatch{inputs: inputs, labels: labels, rows: counted,
		bins: m.memory.Tensor(shapes.Make(dtypes.Int32, len(labels)))}
	tensors.MustMutableFlatData(b.bins, func(bins []int32) {
		for i, label := range labels {
			bins[i] = int32(m.run.Config.LabelSpace.Bin(label))
			if m.task.Dense() && label == 0 {
				bins[i] = -1 // no depth is known there
			}
		}
		b.counted = append(b.counted, bins[:len(labels)/len(rows)*counted]...)
	})
	return b
}

func (m *featureMeter) statistics() FeatureStatistics {
	stats := FeatureStatistics{Features: m.meters[0].statistics()}
	if m.calibrates {
		calibrated := m.meters[1].statistics()
		stats.Calibrated = &calibrated
	}
	return stats
}

// BucketStatistics are the moments of features in each bin of the label space, the buckets of feature distribution
// smoothing (which pools those at the ends; here they are apart), and the errors of the regressor's predictions from
// them.
type BucketStatistics struct {
	Counts   []int       // features in each bin: samples, or pixels of a dense label
	Mean     [][]float64 // [bins][Dim]; nil for a bin without features
	Variance [][]float64 // [bins][Dim], denominator n-1; nil for a bin with fewer than two
	// Errors are the metrics of [metrics.ByBin] over all features with a known label, in label units.
	Errors metrics.Scores
}

// bucketMeter accumulates them by Welford's recurrence (1962) in float64: memory does not grow with the number of
// features.
type bucketMeter struct {
	dim           int
	counts        []int
	mean, squares [][]float64 // squares: summed squared deviations from the mean
	errors        metrics.Sums
}

func newBucketMeter(bins, dim int) *bucketMeter {
	return &bucketMeter{dim: dim, counts: make([]int, bins), mean: make([][]float64, bins),
		squares: make([][]float64, bins)}
}

// add takes in a feature [Dim] for each bin; z may have more of them, for padding. A negative bin stands for an unknown
// label.
func (m *bucketMeter) add(z []float32, bins []int32) {
	for i, bin := range bins {
		if bin < 0 {
			continue
		}
		if m.mean[bin] == nil {
			m.mean[bin], m.squares[bin] = make([]float64, m.dim), make([]float64, m.dim)
		}
		m.counts[bin]++
		n, mean, squares := float64(m.counts[bin]), m.mean[bin], m.squares[bin]
		for j, v := range z[i*m.dim:][:m.dim] {
			deviation := float64(v) - mean[j]
			mean[j] += deviation / n
			squares[j] += deviation * (float64(v) - mean[j])
		}
	}
}

// addErrors takes in the predictions from the features of add.
func (m *bucketMeter) addErrors(predictions, labels []float32, bins []int32, o metrics.Options) {
	for i, bin := range bins {
		if bin >= 0 {
			m.errors.Add(float64(labels[i]), float64(predictions[i]), o)
		}
	}
}

func (m *bucketMeter) statistics() BucketStatistics {
	s := BucketStatistics{Counts: m.counts, Mean: m.mean, Variance: make([][]float64, len(m.counts)),
		Errors: m.errors.Scores()}
	for bin, n := range m.counts {
		if n < 2 {
			continue
		}
		s.Variance[bin] = make([]float64, m.dim)
		for j, sum := range m.squares[bin] {
			s.Variance[bin][j] = sum / float64(n-1)
		}
	}
	return s
}
