package train

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

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
