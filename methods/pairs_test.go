package methods

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive
	"github.com/gomlx/gomlx/core/tensors"
)

// The authors' vectors are checked by runner/conformance, in float64; here are float32 and cases that no vector
// covers.

func callOnce(t *testing.T, build func(in []*Node) []*Node, inputs ...any) []*tensors.Tensor {
	t.Helper()
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	out, err := CallOnceN(backend, build, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOnePerLabel(t *testing.T) {
	out := callOnce(t, func(in []*Node) []*Node { return []*Node{OnePerLabel(in[0], in[1])} },
		[]float32{5, 3, 5, 5, 7, 3}, []float32{2, 1, 0, 0, 9, 1})
	if got, want := out[0].Value().([]bool), []bool{false, true, true, false, true, false}; !slices.Equal(got, want) {
		t.Errorf("marks %v, want %v", got, want)
	}
}

// poolAdjacentViolators is the non-increasing least-squares fit by the usual algorithm.
func poolAdjacentViolators(x []float64) []float64 {
	var sums, counts []float64
	for _, v := range x {
		sums, counts = append(sums, v), append(counts, 1)
		for n := len(sums); n > 1 && sums[n-2]/counts[n-2] <= sums[n-1]/counts[n-1]; n = len(sums) {
			sums[n-2], counts[n-2] = sums[n-2]+sums[n-1], counts[n-2]+counts[n-1]
			sums, counts = sums[:n-1], counts[:n-1]
		}
	}
	var fit []float64
	for i, sum := range sums {
		fit = append(fit, slices.Repeat([]float64{sum / counts[i]}, int(counts[i]))...)
	}
	return fit
}

// TestSoftSort compares a batch of the published size in float32 with the usual algorithm.
func TestSoftSort(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a fixed seed
	for _, strength := range []float64{0.1, 2} {
		x := make([]float32, 512)
		for i := range x {
			x[i] = float32(math.Round(40 + 30*random.NormFloat64())) // ties
		}
		x[7], x[300] = 900, -400
		sorted := widened(x)
		slices.Sort(sorted)
		weighted := make([]float64, len(x))
		for i, v := range sorted {
			weighted[i] = v + float64(len(x)-i)/strength
		}
		fit := poolAdjacentViolators(weighted)
		out := callOnce(t, func(in []*Node) []*Node { return []*Node{SoftSort(in[0], strength), HardSort(in[0])} }, x)
		for i, got := range out[0].Value().([]float32) {
			if want := fit[i] - float64(len(x)-i)/strength; math.Abs(float64(got)-want) > 5e-3 {
				t.Fatalf("strength %g, position %d: %g, want %g", strength, i, got, want)
			}
		}
		if got := widened(out[1].Value().([]float32)); !slices.Equal(got, sorted) {
			t.Errorf("hard sort differs")
		}
	}
}

// batchLosses are the scalar losses over features [n, d], predictions and labels [n].
var batchLosses = map[string]func(z, p, y *Node) *Node{
	"bmc":         func(_, p, y *Node) *Node { return ReduceAllMean(BMC(p, y, ConstAs(p, 2))) },
	"gai":         func(_, p, y *Node) *Node { return ReduceAllMean(GAI(p, y, ConstAs(p, 2), testMixture)) },
	"bni":         func(_, p, y *Node) *Node { return ReduceAllMean(BNI(p, y, ConstAs(p, 2), testDensity)) },
	"ranksim":     func(z, _, y *Node) *Node { return RankSim(z, y, OnePerLabel(y, ZerosLike(y)), 2) },
	"conr":        func(z, p, y *Node) *Node { return ConR{1, 0.07, 0.01, false}.Loss(z, p, y, OnesLike(y)) },
	"conr linear": func(z, p, y *Node) *Node { return ConR{1, 0.2, 0.2, true}.Loss(z, p, y, OnesLike(y)) },
	"ordinal entropy": func(z, _, y *Node) *Node {
		tightness, diversity := OrdinalEntropy(z, y)
		return Sub(tightness, diversity)
	},
	"rnc": func(z, _, y *Node) *Node { return RankNContrast(z, y, 2) },
	"dist loss": func(_, p, y *Node) *Node {
		plain, sorted := DistLoss{Base: Loss{Kind: LossL1}, Strength: 0.1}.Loss(p, y, HardSort(y), OnesLike(y))
		return Add(plain, sorted)
	},
	"srl": func(z, _, y *Node) *Node {
		bins := ConvertDType(y, dtypes.Int32)
		s := SRLSurrogates(z, bins, OnesLike(z))
		homogeneity := SRLHomogeneity(s, Iota(z.Graph(), y.Shape(), 0))
		return Add(Add(SRLEnvelope(s, z), homogeneity), SRLContrast(z, bins, s, 0.3, true))
	},
}

var (
	testMixture = Mixture{Weights: []float64{0.4, 0.6}, Means: []float64{1, 4}, Variances: []float64{1, 2}}
	testDensity = LabelDensity{Centers: []float64{1, 4, 5}, Density: []float64{0.2, 0.5, 0.3}}
)

// TestBatchLossesFloat32 compares float32 with float64, on ordinary batches and on ones whose rows are zero or equal:
// values agree and gradients are numbers.
func TestBatchLossesFloat32(t *testing.T) {
	z := [][]float64{{1, 2, 0.5}, {-1, 0.3, 2}, {0.2, -2, 1}, {1.5, 1, -1}, {0.1, 0.7, -2}, {2, -0.4, 0.3}}
	equal := slices.Repeat([][]float64{{1, 2, 0.5}}, 6)
	zero := slices.Repeat([][]float64{{0, 0, 0}}, 6)
	p, y := []float64{1.5, 2.5, 0.2, 4.1, 5.3, 2.9}, []float64{1, 2, 2, 4, 5, 0}
	for name, loss := range batchLosses {
		build := func(in []*Node) []*Node {
			value := loss(in[0], in[1], in[2])
			squared := func(x *Node) *Node { // of the gradient with respect to x, which the loss may not use
				return ReduceAllSum(Square(Gradient(Add(value, ReduceAllSum(MulScalar(x, 0))), x)[0]))
			}
			gradients := Add(squared(in[0]), squared(in[1]))
			return []*Node{ConvertDType(value, dtypes.Float64), ConvertDType(gradients, dtypes.Float64)}
		}
		inFloat32 := func(in []*Node) []*Node {
			for i := range in {
				in[i] = ConvertDType(in[i], dtypes.Float32)
			}
			return build(in)
		}
		for i, features := range [][][]float64{z, equal, zero} {
			wide, narrow := callOnce(t, build, features, p, y), callOnce(t, inFloat32, features, p, y)
			for j := range wide {
				got, want := narrow[j].Value().(float64), wide[j].Value().(float64)
				if !(math.Abs(got-want) <= 1e-3*math.Max(1, math.Abs(want))) {
					t.Errorf("%s, batch %d, result %d: %g in float32, %g in float64", name, i, j, got, want)
				}
			}
		}
	}
}

// TestMeans expects one row an image, the mean over its pixels of known label.
func TestMeans(t *testing.T) {
	z := [][]float32{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 9}, {9, 9}}
	x, bins := []float32{1, 2, 3, 4, 5, 6}, []int32{3, 4, -1, 0, -1, -1}
	out := callOnce(t, func(in []*Node) []*Node {
		rows := Rows{Z: in[0], Prediction: in[1], Target: AddScalar(in[1], 1), Weight: MulScalar(in[1], 2), Bin: in[2]}
		m := rows.Means(2)
		return []*Node{Reshape(m.Z, -1), m.Prediction, m.Target, m.Weight}
	}, z, x, bins)
	for i, want := range [][]float32{{2, 3, 7, 8, 0, 0}, {1.5, 4, 0}, {2.5, 5, 0}, {3, 8, 0}} {
		if got := out[i].Value().([]float32); !slices.Equal(got, want) {
			t.Errorf("result %d: %v, want %v", i, got, want)
		}
	}
}

// TestDistLossPenalty: sorted predictions are compared with the labels expected of a batch of their number.
func TestDistLossPenalty(t *testing.T) {
	method := registered["dist-loss"]
	own := &DistLossSettings{Factor: 3, Bandwidth: 1e-3}
	// Half of the labels are 1, a quarter each 2 and 4, the upper end of the last bin.
	prepared, err := method.Prepare(Training{Labels: []float32{1, 2, 1, 4, 4, 1, 2, 1},
		Centers: []float64{0.5, 1.5, 2.5, 3.5}, Width: 1}, own)
	if err != nil {
		t.Fatal(err)
	}
	out := callOnce(t, func(in []*Node) []*Node {
		var penalties []*Node
		for _, p := range in {
			s := &Step{Settings: own, Prepared: prepared, Prediction: p, LabelScale: 2, Base: Loss{Kind: LossL1}}
			penalties = append(penalties, method.Penalty(s))
		}
		return penalties
	}, []float32{2, 0.5, 1, 0.5}, []float32{1, 0})
	// In label units 1, 1, 2, 4 are expected, and there; then 1, 2 where 0, 2 are, for a quarter of two goes to the lower
	// label.
	for i, want := range []float32{0, 3 * 0.25} {
		if got := out[i].Value().(float32); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("batch %d: penalty %g, want %g", i, got, want)
		}
	}
}

// TestCumulativeCounts: labels expected of a batch are quantiles, in the tails too. By largest remainders a batch of 10
// from 100 equally likely labels would be the first 10.
func TestCumulativeCounts(t *testing.T) {
	density := slices.Repeat([]float64{0.01}, 100)
	want := []float64{4, 14, 24, 34, 44, 54, 64, 74, 84, 94}
	got := ExpectedLabels(CumulativeCounts(density, 10), 10, 0, 1)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1 { // 5 expected samples round up or down
			t.Fatalf("labels %v, want %v", got, want)
		}
	}
	for batch := range 300 {
		sum := 0
		for _, n := range CumulativeCounts(density, batch) {
			if sum += n; n < 0 {
				t.Fatalf("batch %d: %d labels", batch, n)
			}
		}
		if sum != batch {
			t.Errorf("batch %d: %d labels", batch, sum)
		}
	}
}

// TestExpectedLabelsOfReleasedCounts: the released code's remainder can take more from a label than it has.
func TestExpectedLabelsOfReleasedCounts(t *testing.T) {
	if got, want := ExpectedLabels([]int{2, -3, 1, -1, 2}, 4, 10, 5), []float64{10, 10, 20, 30}; !slices.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	if got, want := ExpectedLabels([]int{-1, 1}, 3, 1, 1), []float64{2, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
}
