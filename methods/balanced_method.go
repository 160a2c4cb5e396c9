package methods

import (
	"errors"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

const ren2022 = "Ren, Zhang, Yu, Liu, Balanced MSE for Imbalanced Visual Regression, CVPR 2022"

func init() {
	Register(Method{Name: "bmc", Paper: ren2022, Fits: bmcFits, Stage: balancedStage,
		Summary:  "Balanced MSE by batch Monte Carlo: the batch stands for the label density",
		Settings: func(t Traits) any { own := balancedSettings(t); return &own },
		Loss: func(s *Step) *Node {
			return s.Settings.(*BalancedMSESettings).loss(s, BMC)
		},
	})
	Register(Method{Name: "gai", Paper: ren2022, Stage: balancedStage,
		Summary: "Balanced MSE in closed form: a Gaussian mixture stands for the label density",
		Settings: func(t Traits) any {
			components := 8
			if t.Dense {
				components = 16
			}
			return &GAISettings{balancedSettings(t), components}
		},
		Prepare: func(t Training, settings any) (any, error) {
			return trainingMixture(t, settings.(*GAISettings).Components)
		},
		Loss: func(s *Step) *Node {
			return s.Settings.(*GAISettings).loss(s, func(prediction, target, sigma *Node) *Node {
				return GAI(prediction, target, sigma, s.Prepared.(Mixture))
			})
		},
	})
	Register(Method{Name: "bni", Paper: ren2022, Stage: balancedStage, Reweight: ReweightNone,
		Summary:  "Balanced MSE by numerical integration: the bins stand for the label density, which lds smooths",
		Settings: func(t Traits) any { own := balancedSettings(t); return &own },
		Prepare: func(t Training, _ any) (any, error) {
			return NewLabelDensity(t.Centers, t.Density, nil)
		},
		Loss: func(s *Step) *Node {
			return s.Settings.(*BalancedMSESettings).loss(s, func(prediction, target, sigma *Node) *Node {
				return BNI(prediction, target, sigma, s.Prepared.(LabelDensity))
			})
		},
	})
}

// BalancedMSESettings are the settings of the methods bmc and bni. Labels and sigma are in label units.
type BalancedMSESettings struct {
	Sigma    float64 `yaml:"sigma" json:"sigma"`         // of the noise; its first value where it is learned
	SigmaLR  float64 `yaml:"sigma_lr" json:"sigma_lr"`   // its constant learning rate; 0: it stays as it is
	HeadOnly bool    `yaml:"head_only" json:"head_only"` // trains a new head on the frozen encoder of vanilla
	LR       float64 `yaml:"lr" json:"lr"`               // first learning rate; 0: the recipe's
	Epochs   int     `yaml:"epochs" json:"epochs"`       // 0: the recipe's, its retrain_epochs for the head only
	MinLabel float64 `yaml:"min_label" json:"min_label"` // labels below it do not count; 0: all count
}

// GAISettings are those of the method gai.
type GAISettings struct {
	BalancedMSESettings `yaml:",inline"`
	Components          int `yaml:"components" json:"components"` // of the mixture, at most the number of distinct labels
}

// Validate reports the first thing wrong with the settings.
func (s BalancedMSESettings) Validate() error {
	switch {
	case !(s.Sigma > 0) || s.SigmaLR < 0:
		return fmt.Errorf("sigma %g, sigma_lr %g: expected sigma more than 0, sigma_lr 0 or more", s.Sigma, s.SigmaLR)
	case s.LR < 0 || s.Epochs < 0:
		return fmt.Errorf("lr %g, epochs %d: expected 0 or more", s.LR, s.Epochs)
	}
	return nil
}

// Validate reports the first thing wrong with the settings.
func (s GAISettings) Validate() error {
	if s.Components < 1 {
		return fmt.Errorf("components %d: expected at least 1", s.Components)
	}
	return s.BalancedMSESettings.Validate()
}

// balancedSettings returns the published settings, of IMDB-WIKI-DIR for ages and of NYUD2-DIR. Elsewhere sigma is this
// project's choice, a tenth of the benchmark's published label range, or that of the ages in standard deviations. Below
// full scale the head is trained as long as RRT trains it, and 30 times faster than published: features are 16 to 32
// times narrower, so that a step of Adam moves a prediction that much less.
func balancedSettings(t Traits) BalancedMSESettings {
	switch t.Benchmark {
	case "nyud2-dir":
		return BalancedMSESettings{Sigma: 1, MinLabel: 0.7}
	case "sts-b-dir":
		return BalancedMSESettings{Sigma: 0.5, SigmaLR: 5e-4}
	case "agedb-dir", "imdb-wiki-dir":
		s := BalancedMSESettings{Sigma: 10, SigmaLR: 1e-2, HeadOnly: true, LR: 3e-3}
		if t.Full() {
			s.LR, s.Epochs = 1e-4, 10
		}
		return s
	}
	return BalancedMSESettings{Sigma: t.years(10), SigmaLR: t.years(1e-2)}
}

// bmcFits refuses dense labels, as the paper does.
func bmcFits(t Traits) error {
	if t.Dense {
		return errors.New("labels are dense: the pixels of a batch are of few images, and do not stand for the label density")
	}
	return nil
}

func (s BalancedMSESettings) stage() Stage {
	stage := Stage{LR: s.LR, Epochs: s.Epochs}
	if s.HeadOnly {
		stage.From = vanilla
	}
	return stage
}

func balancedStage(settings any) Stage { return settings.(interface{ stage() Stage }).stage() }

// loss returns the weighted mean of a form's loss over the labels that count. The form is computed in label units, its
// result brought to squared network units.
func (s BalancedMSESettings) loss(step *Step, form func(prediction, target, sigma *Node) *Node) *Node {
	sigma := ConstAs(step.Prediction, s.Sigma)
	if s.SigmaLR > 0 {
		sigma = step.Variable("sigma", float32(s.Sigma), s.SigmaLR)
	}
	target := MulScalar(step.Target, step.LabelScale)
	losses := form(MulScalar(step.Prediction, step.LabelScale), target, sigma)
	losses = DivScalar(Mul(losses, step.Weight), step.LabelScale*step.LabelScale)
	if s.MinLabel == 0 {
		return ReduceAllMean(losses)
	}
	counted := indicator(GreaterOrEqual(target, ConstAs(target, s.MinLabel)), target)
	return safeMean(ReduceAllSum(Mul(losses, counted)), ReduceAllSum(counted))
}

// trainingMixture fits a mixture to the training labels, or where they are dense to the centres of their bins.
func trainingMixture(t Training, components int) (Mixture, error) {
	if t.Labels == nil {
		return FitMixture(t.Centers, t.Density, components)
	}
	labels := widened(t.Labels)
	values, _, err := distinct(labels, nil)
	if err != nil {
		return Mixture{}, err
	}
	return FitMixture(labels, nil, min(components, len(values)))
}
