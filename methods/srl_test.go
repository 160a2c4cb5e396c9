package methods

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"
)

// srlRun has the method's hooks over features of two values, in a label space of four bins of which the third is empty.
type srlRun struct {
	store    *model.Store
	step     *model.Exec
	endEpoch *model.Exec
}

func newSRLRun(t *testing.T, own SRLSettings) *srlRun {
	t.Helper()
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	bins, err := newSRLBins(Training{Counts: []int{3, 2, 0, 1}, Middles: []float64{0.5, 1.5, 2.5, 3.5}})
	if err != nil {
		t.Fatal(err)
	}
	r := &srlRun{store: model.NewStore()}
	r.step, err = model.NewExec(backend, r.store, func(scope *model.Scope, in []*Node) []*Node {
		scope.SetTraining(in[0].Graph(), true)
		s := &Step{Settings: &own, Prepared: bins, Z: in[0], Prediction: in[0], Bin: in[1], Progress: in[2], Scope: scope}
		return []*Node{srlPenalty(s)}
	})
	if err != nil {
		t.Fatal(err)
	}
	r.endEpoch, err = model.NewExec(backend, r.store, func(scope *model.Scope, g *Graph) {
		scope.SetTraining(g, true)
		srlEndEpoch(&Epoch{Settings: &own, Graph: g, Scope: scope})
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *srlRun) penalty(t *testing.T, z [][]float32, bins []int32, progress float32) float64 {
	t.Helper()
	out, err := r.step.Call(z, bins, progress)
	if err != nil {
		t.Fatal(err)
	}
	return float64(out[0].Value().(float32))
}

// memory ends an epoch and returns the memory.
func (r *srlRun) memory(t *testing.T) [][]float32 {
	t.Helper()
	if _, err := r.endEpoch.Call(); err != nil {
		t.Fatal(err)
	}
	return r.store.GetVariable("/memory").MustValue().Value().([][]float32)
}

// TestSRLMemory: the memory is the mean direction of each bin's features over an epoch, then moves by the momentum; a
// bin without samples keeps its own.
func TestSRLMemory(t *testing.T) {
	r := newSRLRun(t, SRLSettings{Envelope: 1, Homogeneity: 1, Contrast: 1, Temperature: 1, Momentum: 0.75, Points: 10})
	if first := r.penalty(t, [][]float32{{2, 0}, {0, 3}}, []int32{0, 0}, 0); first != 0 {
		t.Errorf("penalty %g in the first epoch", first)
	}
	r.penalty(t, [][]float32{{5, 0}}, []int32{1}, 0)
	same(t, r.memory(t), [][]float32{{0.5, 0.5}, {1, 0}, {0, 0}})
	if second := r.penalty(t, [][]float32{{0, 1}}, []int32{3}, 0.5); second == 0 {
		t.Error("no penalty in the second epoch")
	}
	r.penalty(t, [][]float32{{0, 4}}, []int32{0}, 0.5)
	same(t, r.memory(t), [][]float32{{0.375, 0.625}, {1, 0}, {0, 1}})
}

func same(t *testing.T, got, want [][]float32) {
	t.Helper()
	for i := range want {
		for j := range want[i] {
			if math.Abs(float64(got[i][j]-want[i][j])) > 1e-6 {
				t.Errorf("memory %v, want %v", got, want)
				return
			}
		}
	}
}

// TestSRLPenalty: surrogates of bins that a batch lacks come from the memory, and distances of labels are those of the
// bins that have samples.
func TestSRLPenalty(t *testing.T) {
	r := newSRLRun(t, SRLSettings{Homogeneity: 1, Temperature: 1, Points: 1})
	r.penalty(t, [][]float32{{2, 0}, {0, 3}}, []int32{0, 1}, 0)
	r.memory(t)
	// Surrogates (1, 0), (0, 1) and (-1, 0), in bins 0, 1 and 3: |(-1, 1)|² / 1 + |(-1, -1)|² / 2.
	if got := r.penalty(t, [][]float32{{-7, 0}}, []int32{3}, 0.5); math.Abs(got-3) > 1e-6 {
		t.Errorf("penalty %g, want 3", got)
	}
}
