package methods

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// TestBalancedUnits: sigma and densities are in label units, whatever the unit of the network. The loss is in squared
// network units, and labels below the smallest that counts are no part of the mean.
func TestBalancedUnits(t *testing.T) {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{
		"bmc": &BalancedMSESettings{Sigma: 3}, "bni": &BalancedMSESettings{Sigma: 3},
		"gai": &GAISettings{BalancedMSESettings{Sigma: 3}, 2},
	}
	training := Training{Labels: []float32{1, 2, 8, 9}, Centers: []float64{2, 8}, Density: []float64{2, 2}}
	for name, own := range settings {
		method := registered[name]
		var ready any
		if method.Prepare != nil {
			if ready, err = method.Prepare(training, own); err != nil {
				t.Fatal(err)
			}
		}
		loss := func(scale float64, p, y, w []float32) float64 {
			at := func(p, y, w *Node) *Node {
				return method.Loss(&Step{Settings: own, Prepared: ready, LabelScale: scale, Weight: w,
					Prediction: DivScalar(p, scale), Target: DivScalar(y, scale)})
			}
			return float64(MustExecOnce(backend, at, p, y, w).Value().(float32))
		}
		p, y, w := []float32{2, 5, 7}, []float32{1, 6, 9}, []float32{1, 2, 0.5}
		label, network := loss(1, p, y, w), loss(4, p, y, w)
		if math.Abs(label-16*network) > 1e-4*math.Abs(label) || label == 0 {
			t.Errorf("%s: loss %g in label units, %g in network units of 4 labels", name, label, network)
		}
		if name == "bmc" {
			continue // its samples depend on each other
		}
		cut := BalancedMSESettings{Sigma: 3, MinLabel: 6}
		if name == "gai" {
			own = &GAISettings{cut, 2}
		} else {
			own = &cut
		}
		if got, want := loss(1, p, y, w), loss(1, p[1:], y[1:], w[1:]); math.Abs(got-want) > 1e-4*math.Abs(want) {
			t.Errorf("%s: loss %g, %g of the labels from 6", name, got, want)
		}
	}
}

// TestBalancedStages: on ages a new head on the encoder of vanilla, which lds does not change; elsewhere one training.
func TestBalancedStages(t *testing.T) {
	full := Traits{Benchmark: "imdb-wiki-dir", Share: 1}
	small := Traits{Benchmark: "agedb-dir", Share: 20. / 90}
	for _, tt := range []struct {
		name   string
		traits Traits
		first  string
		lr     float64
		epochs int
	}{
		{"bmc", full, "vanilla", 1e-4, 10},
		{"bni+lds", full, "vanilla", 1e-4, 10},
		{"gai+fds+ranksim(gamma=5)", full, "fds+ranksim(gamma=5)", 1e-4, 10},
		{"bmc(epochs=3)", small, "vanilla", 3e-3, 3},
		{"bmc(head_only=false,epochs=7,lr=0)", small, "", 0, 7},
		{"bmc", Traits{Benchmark: "sts-b-dir", Share: 1}, "", 0, 0},
		{"bni", Traits{Benchmark: "nyud2-dir", Dense: true, Share: 1}, "", 0, 0},
	} {
		c, err := Parse(tt.name)
		if err == nil {
			c, err = c.For(tt.traits)
		}
		if err != nil {
			t.Fatal(err)
		}
		first, _ := c.FirstStage()
		if stage := c.Stage(); first.String() != tt.first || stage.LR != tt.lr || stage.Epochs != tt.epochs {
			t.Errorf("%s on %s starts from %q and trains as %+v", tt.name, tt.traits.Benchmark, first, stage)
		}
		if rule := c.WeightRule(ReweightSqrtInv); rule != ReweightNone {
			t.Errorf("%s re-weights by %s", tt.name, rule)
		}
	}
}

// TestFewLabelsHaveFewComponents: grades from 3 to 8 are no fault of the data.
func TestFewLabelsHaveFewComponents(t *testing.T) {
	mixture, err := trainingMixture(Training{Labels: []float32{5, 5, 6, 6, 6, 7}}, 8)
	if err != nil || len(mixture.Means) != 3 {
		t.Errorf("%d components, error %v, want 3", len(mixture.Means), err)
	}
}
