package train

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// check validates, keeps the variables if they are the best so far, and tells whether training is to stop.
func (f *fit) check() (stop bool, err error) {
	if err := f.readLosses(); err != nil {
		return false, err
	}
	figure, value, err := f.validated()
	if err != nil {
		return false, err
	}
	f.checks = append(f.checks, value)
	best := value < f.best || f.run.Method.Stage().KeepLast
	if best {
		f.best = value
		if f.kept, err = takeSnapshot(f.store, keptVariable); err != nil {
			return false, err
		}
	}
	event := store.Event{Stage: f.stage(), Epoch: min(f.at.Epoch+1, f.run.Epochs()), Loss: f.losses.mean(), LR: f.rate(),
		Val: metrics.Value(figure), Best: best, Seconds: time.Since(f.began).Seconds(), CompileSeconds: f.compileSeconds(),
		FirstLoss: f.losses.first}
	f.losses, f.began, f.at.Checked = lossMeter{}, time.Now(), f.at.Step
	f.compiledBefore = f.compiled.time
	return f.exhausted(), f.record.Epoch(event)
}

// validated returns the selection metric and what is to become small in its place. Where the last parameters are kept
// there is nothing to select.
func (f *fit) validated() (figure, value float64, err error) {
	if f.run.Method.Stage().KeepLast {
		return float64(metrics.Undefined()), 0, nil
	}
	if figure, err = f.validate(); err != nil {
		return 0, 0, err
	}
	value = f.penalty(figure)
	if math.IsNaN(value) || value > f.errorLimit() {
		err = diverged("validation error %g after epoch %d", value, f.at.Epoch+1)
	}
	return figure, value, err
}

// errorLimit is the validation error that ends training: [lossLimit], in network units where labels may have any unit.
func (f *fit) errorLimit() float64 {
	_, unit := methodUnit(f.run.Config.Recipe)
	return lossLimit * math.Pow(unit, float64(f.run.Selection().Metric.UnitPower()))
}

// compileSeconds is the part of the event's time that compiling took.
func (f *fit) compileSeconds() float64 { return (f.compiled.time - f.compiledBefore).Seconds() }

func (f *fit) stage() string {
	if f.run.First != nil {
		return regressorScope
	}
	return encoderScope
}

// exhausted applies the limits on checks: their number, and the official STS-B-DIR rule that ends training when the
// newest is at least as bad as every other of the last Patience; and early stopping, which waits for a better one so
// long.
func (f *fit) exhausted() bool {
	recipe := f.run.Config.Recipe
	if recipe.MaxChecks > 0 && len(f.checks) >= recipe.MaxChecks {
		return true
	}
	if recipe.EarlyStop > 0 && !f.run.Method.Stage().KeepLast {
		best := slices.Index(f.checks, slices.Min(f.checks))
		if len(f.checks)-1-best >= recipe.EarlyStop {
			return true
		}
	}
	if recipe.Patience == 0 || len(f.checks) <= recipe.Patience {
		return false
	}
	return f.checks[len(f.checks)-1] >= slices.Max(f.checks[len(f.checks)-recipe.Patience:])
}

// penalty returns a value of the selection metric as one that is lower the better it is. What a constant prediction has
// none of, a correlation, is worse than any.
func (f *fit) penalty(figure float64) float64 {
	switch metric := f.run.Selection().Metric; {
	case !metric.HigherIsBetter():
		return figure
	case math.IsNaN(figure):
		return lossLimit
	default:
		return -figure
	}
}

// validate returns the selection metric on the split that selects.
func (f *fit) validate() (float64, error) {
	split := f.run.Config.Recipe.SelectionSplit()
	predicted, err := f.predictSplit(f.ctx, split)
	if err != nil {
		return 0, err
	}
	labels := f.task.Points(split).Labels
	figure := metrics.Figure(f.run.Selection().Metric, labels, predicted.values, binsOf(f.train.space, labels),
		metrics.Options{GMZero: f.run.Benchmark.GMZero})
	return float64(figure), nil
}

// diverged ends a run whose loss is no number any more.
func diverged(format string, args ...any) error {
	return store.Failure{Class: store.ClassNaN, Err: fmt.Errorf("training diverged: "+format, args...)}
}

// lossLimit is where the official code gives a run up.
const lossLimit = 1e6

// lossInterval is the number of steps between two readings of the losses, which wait for the device.
const lossInterval = 16

// lossMeter averages the loss over the samples since the last event. Losses stay on the device until read is called.
type lossMeter struct {
	pending []stepLoss
	sum     float64
	samples int
	first   *metrics.Value // of the first step of all, until it is reported
}

type stepLoss struct {
	value   *tensors.Tensor // scalar
	samples int
	first   bool
}

// read waits for the pending losses; one that is no number, or too large, is an error.
func (m *lossMeter) read() error {
	for _, loss := range m.pending {
		value := float64(loss.value.Value().(float32))
		if math.IsNaN(value) || value > lossLimit {
			return diverged("loss %g", value)
		}
		if loss.first {
			v := metrics.Value(value)
			m.first = &v
		}
		m.sum += value * float64(loss.samples)
		m.samples += loss.samples
	}
	m.pending = m.pending[:0]
	return nil
}

func (m *lossMeter) mean() metrics.Value {
	if m.samples == 0 {
		return metrics.Undefined()
	}
	return metrics.Value(m.sum / float64(m.samples))
}
