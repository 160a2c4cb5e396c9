package methods

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

func init() {
	Register(Method{Name: "conr", ShapesFeatures: true, Views: 2,
		Summary: "ConR: pushes views apart whose predictions are near but labels are not, pulls near labels together",
		Paper:   "Keramati, Meng, Evans, ConR: Contrastive Regularizer for Deep Imbalanced Regression, ICLR 2024",
		Settings: func(t Traits) any {
			if t.Dense {
				return &ConRSettings{0.2, ConR{Width: 0.2, Temperature: 0.2, Push: 0.2, LinearPush: true}}
			}
			return &ConRSettings{t.besideLoss(4), ConR{Width: t.years(1), Temperature: 0.07, Push: t.perYear(0.01)}}
		},
		Penalty: func(s *Step) *Node {
			own := s.Settings.(*ConRSettings)
			views := s.Views.Means(s.Pixels)
			prediction, target := MulScalar(views.Prediction, s.LabelScale), MulScalar(views.Target, s.LabelScale)
			return MulScalar(own.Loss(views.Z, prediction, target, views.Weight), own.Beta)
		},
	})
}

// ConRSettings are the settings of the method conr, a penalty on two augmented views of each row, with labels in label
// units. Views come from the benchmark's own augmentation, and their weights are those of the loss. Where labels are
// dense it compares the means of images; the published code of NYUD2-DIR has no views and compares whole maps of
// features.
type ConRSettings struct {
	Beta float64 `yaml:"beta" json:"beta"` // factor of the penalty; published: 4 on ages, 0.2 on NYUD2-DIR
	ConR `yaml:",inline"`
}

// Validate reports the first thing wrong with the settings.
func (s ConRSettings) Validate() error {
	if s.Beta < 0 || s.Width < 0 || !(s.Temperature > 0) || s.Push < 0 {
		return fmt.Errorf("beta %g, width %g, temperature %g, push %g: expected temperature more than 0, the "+
			"others 0 or more",
			s.Beta, s.Width, s.Temperature, s.Push)
	}
	return nil
}

// ConR is the contrastive regulariser of Keramati, Meng, Evans: ConR: Contrastive Regularizer for Deep Imbalanced
// Regression (ICLR 2024). It pulls samples of near labels together and pushes apart those whose predictions are near
// but labels are not.
type ConR struct {
	// Width is the distance up to which labels, or predictions, are near, in their unit. Published: 1 year; 0.2 m on
	// NYUD2-DIR.
	Width float64 `yaml:"width" json:"width"`
	// Temperature divides cosines. Published code has 0.07 on ages, whatever its option says, and 0.2 on NYUD2-DIR.
	Temperature float64 `yaml:"temperature" json:"temperature"`
	// Push is the strength e of pushing by label distance. Published: 0.01 on ages, 0.2 on NYUD2-DIR.
	Push float64 `yaml:"push" json:"push"`
	// LinearPush makes the push weight w_i e |y_i - y_j|, as on NYUD2-DIR, in place of w_i exp(e |y_i - y_j|).
	LinearPush bool `yaml:"linear_push" json:"linear_push"`
}

// Loss returns the scalar regulariser, before the factor [ConRSettings.Beta].
//
// With d_ij = cos(z_i, z_j) / temperature, positives of i those j != i with |y_i - y_j| <= width, and negatives those
// with |y_i - y_j| > width and |p_i - p_j| <= width, loss_i is the mean over positives j of -ln[ exp(d_ij) / (sum over
// all k of exp(d_ik if k is a positive, else 0) + sum over negatives k of S_ik exp(d_ik)) ], and 0 without negatives
// or positives. The result is the mean of w_i loss_i. That samples which are no positives add exp(0) = 1 to the first
// sum is as in the published code.
//
// Features z are [n, d] with all views of a sample as rows; prediction p, which takes no gradient, target y and weight
// w are [n].
func (c ConR) Loss(z, prediction, target, weight *Node) *Node {
	distance := labelDistances(target)
	near := LessOrEqual(distance, ConstAs(distance, c.Width))
	positive := indicator(LogicalAnd(near, others(z.Graph(), z.Shape().Dim(0))), z)
	predictionsNear := LessOrEqual(labelDistances(StopGradient(prediction)), ConstAs(distance, c.Width))
	negative := indicator(LogicalAnd(LogicalNot(near), predictionsNear), z)

	unit := unitRows(z)
	d := DivScalar(Einsum("id,jd->ij", unit, unit), c.Temperature)
	pushed := Mul(Mul(c.push(distance, weight), negative), Exp(d))
	total := Add(ReduceSum(Exp(Mul(d, positive)), 1), ReduceSum(pushed, 1))
	losses := Mul(positive, Sub(InsertAxes(Log(total), 1), d))
	perSample := safeMean(ReduceSum(losses, 1), ReduceSum(positive, 1))
	counted := indicator(IsPositive(ReduceSum(negative, 1)), z)
	return ReduceAllMean(Mul(Mul(weight, counted), perSample))
}

func (c ConR) push(distance, weight *Node) *Node {
	push := MulScalar(distance, c.Push)
	if !c.LinearPush {
		push = Exp(push)
	}
	return Mul(InsertAxes(weight, 1), push)
}
