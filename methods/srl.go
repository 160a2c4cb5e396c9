package methods

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

func init() {
	Register(Method{Name: "srl", ShapesFeatures: true, Fits: samplesHaveLabels,
		Summary: "SRL: mean directions of features, one a label, cover the sphere and follow each other evenly",
		Paper: "Dong, Wu, Chen, Zou, Zhang, Zhou, Improve Representation for Imbalanced Regression through Geometric " +
			"Constraints, CVPR 2025",
		Settings: func(t Traits) any {
			own := SRLSettings{Envelope: t.besideLoss(0.1), Homogeneity: t.besideLoss(t.years(0.1)), Contrast: t.besideLoss(1),
				Temperature: 0.3, Momentum: 0.9, Points: 2000}
			if t.Benchmark == "sts-b-dir" {
				own.Envelope, own.Homogeneity, own.Contrast, own.Temperature = 1e-2, 1e-4, 1e-4, 0.1
			}
			return &own
		},
		Prepare: func(t Training, _ any) (any, error) { return newSRLBins(t) },
		Penalty: srlPenalty, EndEpoch: srlEndEpoch,
	})
}

// SRLSettings are the settings of the method srl. Factors are those of the paper on ages, and of its code on STS-B-DIR;
// the temperature is that of the code. The code's momentum is 0.9 on tables; it has none on ages. Its points are 2,000
// on ages and 1,000 on STS-B-DIR, there drawn once; here they are 2,000, drawn in each step.
type SRLSettings struct {
	Envelope    float64 `yaml:"envelope" json:"envelope"`       // factor
	Homogeneity float64 `yaml:"homogeneity" json:"homogeneity"` // factor
	Contrast    float64 `yaml:"contrast" json:"contrast"`       // factor
	Temperature float64 `yaml:"temperature" json:"temperature"` // of the contrast's cosines
	Momentum    float64 `yaml:"momentum" json:"momentum"`       // of the memory, from epoch to epoch
	Points      int     `yaml:"points" json:"points"`           // drawn on the sphere in each step
}

// Validate reports the first thing wrong with the settings.
func (s SRLSettings) Validate() error {
	switch {
	case s.Envelope < 0 || s.Homogeneity < 0 || s.Contrast < 0:
		return fmt.Errorf("envelope %g, homogeneity %g, contrast %g: expected 0 or more", s.Envelope, s.Homogeneity,
			s.Contrast)
	case !(s.Temperature > 0) || s.Momentum < 0 || s.Momentum >= 1 || s.Points < 1:
		return fmt.Errorf("temperature %g, momentum %g, points %d: expected temperature more than 0, momentum from 0 to "+
			"below 1, at least 1 point", s.Temperature, s.Momentum, s.Points)
	}
	return nil
}

// srlBins are the bins with training labels, which have a surrogate each.
type srlBins struct {
	surrogate []int32   // of each bin, -1 without
	labels    []float64 // of each surrogate: the middle of its bin
}

func newSRLBins(t Training) (b srlBins, err error) {
	for bin, count := range t.Counts {
		b.surrogate = append(b.surrogate, -1)
		if count > 0 {
			b.surrogate[bin] = int32(len(b.labels))
			b.labels = append(b.labels, t.Middles[bin])
		}
	}
	if len(b.labels) < 2 {
		err = errors.New("all training labels are in one bin: expected two or more")
	}
	return b, err
}

// srlPenalty is 0 in the first epoch, in which there is no memory yet. In each it sums up the features of every bin.
func srlPenalty(s *Step) *Node {
	own, bins := s.Settings.(*SRLSettings), s.Prepared.(srlBins)
	dim := s.Z.Shape().Dim(-1)
	at := Gather(Const(s.Z.Graph(), bins.surrogate), InsertAxes(s.Bin, -1))
	memory := s.State("memory", len(bins.labels), dim)
	srlCollect(s, at, len(bins.labels))

	surrogates := SRLSurrogates(s.Z, at, memory.Value())
	points := s.Scope.RandomNormal(s.Z.Graph(), shapes.Make(dtypes.Float32, own.Points, dim))
	penalty := MulScalar(SRLEnvelope(surrogates, points), own.Envelope)
	homogeneity := SRLHomogeneity(surrogates, constants(s.Z, bins.labels))
	penalty = Add(penalty, MulScalar(homogeneity, own.Homogeneity))
	penalty = Add(penalty, MulScalar(SRLContrast(s.Z, at, surrogates, own.Temperature, false), own.Contrast))
	return Where(IsPositive(s.Progress), penalty, ZerosLike(penalty))
}

// srlCollect adds the unit-length features of a batch to the sums of their surrogates.
func srlCollect(s *Step, at *Node, surrogates int) {
	sums, counts := s.State("sums", surrogates, s.Z.Shape().Dim(-1)), s.State("counts", surrogates, 1)
	member := OneHot(at, surrogates, s.Z.DType())
	sums.Set(Add(sums.Value(), Einsum("nb,nd->bd", member, StopGradient(unitRows(s.Z)))))
	counts.Set(Add(counts.Value(), InsertAxes(ReduceSum(member, 0), 1)))
}

// srlEndEpoch moves the memory towards the epoch's mean features. The first mean of a bin becomes its memory; a bin
// without samples keeps what it has.
func srlEndEpoch(e *Epoch) {
	memory, sums, counts := e.State("memory"), e.State("sums"), e.State("counts")
	before, count := memory.Value(), counts.Value()
	mean := safeMean(sums.Value(), count)
	moved := SRLMemory(before, mean, e.Settings.(*SRLSettings).Momentum)
	none := IsZero(ReduceAndKeep(Square(before), ReduceSum, 1))
	choose := func(condition, a, b *Node) *Node {
		return Where(BroadcastToDims(condition, a.Shape().Dimensions...), a, b)
	}
	memory.Set(choose(IsZero(count), before, choose(none, mean, moved)))
	sums.Set(ZerosLike(mean))
	counts.Set(ZerosLike(count))
}

// SRL, surrogate-driven representation learning, is that of Dong, Wu, Chen, Zou, Zhang, Zhou: Improve Representation
// for Imbalanced Regression through Geometric Constraints (CVPR 2025). A surrogate is the mean direction of the
// features of one label bin. Surrogates of neighbouring bins shall lie close and evenly spaced (homogeneity), those of
// all bins cover the sphere (envelope), and features lie near their own (contrast).
//
// The loss is the base loss + lambda_e envelope + lambda_h homogeneity + contrast, in the first epoch the base loss
// alone. The paper has 0.1 for both factors on AgeDB-DIR; the released age code has temperature 0.3 and factors 100,
// 0.01, and 10 on contrast.

// SRLSurrogates returns the surrogates [B, d] of a batch as rows of unit length: the means of its unit-length features
// by bin, and the row of memory for a bin without samples. Features z are [n, d], bins integers [n], memory is [B, d].
func SRLSurrogates(z, bins, memory *Node) *Node {
	member := OneHot(bins, memory.Shape().Dim(0), z.DType()) // [n, B]
	count := ReduceSum(member, 0)
	mean := safeMean(Einsum("nb,nd->bd", member, unitRows(z)), InsertAxes(count, 1))
	missing := InsertAxes(indicator(IsZero(count), z), 1)
	return unitRows(Add(mean, Mul(missing, memory)))
}

// SRLMemory returns the memory [B, d] after an epoch with surrogates [B, d]: momentum × memory + (1 - momentum) ×
// surrogates. A momentum of 0 replaces it.
func SRLMemory(memory, surrogates *Node, momentum float64) *Node {
	return Add(MulScalar(memory, momentum), MulScalar(surrogates, 1-momentum))
}

// SRLEnvelope returns the scalar 1 - mean over points of the largest cosine between the point and a surrogate.
// Surrogates are [B, d], points, drawn on the sphere, [P, d]; neither need have unit length. Published: 2,000 points.
func SRLEnvelope(surrogates, points *Node) *Node {
	cosines := Einsum("pd,bd->pb", unitRows(points), unitRows(surrogates))
	return OneMinus(ReduceAllMean(ReduceMax(cosines, 1)))
}

// SRLHomogeneity is the paper's homogeneity: the scalar sum over neighbours of |s_(k+1) - s_k|² / (y_(k+1) - y_k),
// with surrogates [B, d] scaled to unit length and the labels y [B] of their bins ascending.
func SRLHomogeneity(surrogates, labels *Node) *Node {
	before, after := neighbours(unitRows(surrogates))
	yBefore, yAfter := neighbours(labels)
	return ReduceAllSum(Div(ReduceSum(Square(Sub(after, before)), -1), Sub(yAfter, yBefore)))
}

// SRLHomogeneityCosine is the published code's homogeneity: sign × sum of the cosines of neighbours + 0.1 × their
// variance with divisor one less, a scalar. Sign is -1 for AgeDB-DIR. For IMDB-WIKI-DIR and STS-B-DIR it is +1, which
// pushes neighbours apart, against the paper. A single pair has variance 0; published code has NaN.
func SRLHomogeneityCosine(surrogates *Node, sign float64) *Node {
	before, after := neighbours(unitRows(surrogates))
	return sumAndVariance(ReduceSum(Mul(before, after), -1), sign)
}

// SRLHomogeneityDistance is that of the published code for the UCI data sets: the sum of the distances of neighbours +
// 0.1 × their variance, of surrogates [B, d] as they are.
func SRLHomogeneityDistance(surrogates *Node) *Node {
	before, after := neighbours(surrogates)
	square := ReduceSum(Square(Sub(after, before)), -1)
	equal := IsZero(square)
	distance := Where(equal, ZerosLike(square), Sqrt(Where(equal, OnesLike(square), square)))
	return sumAndVariance(distance, 1)
}

// neighbours returns all rows of x but the last, and all but the first.
func neighbours(x *Node) (before, after *Node) {
	n := x.Shape().Dim(0)
	return SliceAxis(x, 0, AxisRange(0, n-1)), SliceAxis(x, 0, AxisRange(1, n))
}

func sumAndVariance(x *Node, sign float64) *Node {
	deviations := ReduceAllSum(Square(Sub(x, ReduceAllMean(x))))
	variance := DivScalar(deviations, float64(max(1, x.Shape().Size()-1)))
	return Add(MulScalar(ReduceAllSum(x), sign), MulScalar(variance, 0.1))
}

// SRLContrast returns the scalar mean cross-entropy of softmax over bins of cos(z_i, s_b) / temperature against the
// bin of i. Surrogates take no gradient. With byDistance the term of bin b in the denominator is multiplied by (|bin_i
// - b| + 1) / B. Features z are [n, d], bins integers [n], surrogates [B, d].
func SRLContrast(z, bins, surrogates *Node, temperature float64, byDistance bool) *Node {
	count := surrogates.Shape().Dim(0)
	logits := DivScalar(Einsum("nd,bd->nb", unitRows(z), unitRows(StopGradient(surrogates))), temperature)
	own := ReduceSum(Mul(logits, OneHot(bins, count, z.DType())), 1)
	if byDistance {
		index := Iota(z.Graph(), logits.Shape(), 1)
		distance := Abs(Sub(ConvertDType(InsertAxes(bins, 1), z.DType()), ConvertDType(index, z.DType())))
		logits = Add(logits, Log(DivScalar(OnePlus(distance), float64(count))))
	}
	return ReduceAllMean(Sub(logSumExp(logits), own))
}
