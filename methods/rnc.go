package methods

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

const zha2023 = "Zha, Cao, Son, Yang, Katabi, Rank-N-Contrast: Learning Continuous Representations for Regression, " +
	"NeurIPS 2023"

func init() {
	Register(Method{Name: "rnc", Paper: zha2023, Fits: viewsOfSamples,
		Summary: "Rank-N-Contrast: an encoder of ranked features, then a linear head on it",
		Settings: func(t Traits) any {
			s := &RnCSettings{Temperature: 2, EncoderEpochs: t.Epochs(400), EncoderLR: 0.5, HeadEpochs: t.Epochs(100),
				HeadLR: 0.05, HeadBatch: 64}
			if t.Full() {
				s.EncoderBatch = 256
			}
			return s
		},
		Stage: func(settings any) Stage { return settings.(*RnCSettings).head() },
	})
	Register(Method{Name: "rnc-encoder", Paper: zha2023, Fits: viewsOfSamples, EncoderOnly: true, ShapesFeatures: true,
		Summary:  "the first stage of rnc",
		Settings: func(Traits) any { return &RnCEncoderSettings{Temperature: 2, LR: 0.5} },
		Views:    2, ViewsAlone: true,
		Stage: func(settings any) Stage { return settings.(*RnCEncoderSettings).stage() },
		Loss: func(s *Step) *Node {
			return RankNContrast(s.Z, s.Target, s.Settings.(*RnCEncoderSettings).Temperature)
		},
	})
}

// RnCSettings are the settings of the method rnc. Both of its stages have SGD with momentum 0.9 and a cosine schedule;
// the encoder's has weight decay 1e-4. Below full scale the published epochs are cut as the recipe's are.
type RnCSettings struct {
	Temperature   float64 `yaml:"temperature" json:"temperature"`
	EncoderEpochs int     `yaml:"encoder_epochs" json:"encoder_epochs"`
	EncoderLR     float64 `yaml:"encoder_lr" json:"encoder_lr"`
	EncoderBatch  int     `yaml:"encoder_batch" json:"encoder_batch"` // rows, each with two views; 0: the recipe's
	HeadEpochs    int     `yaml:"head_epochs" json:"head_epochs"`
	HeadLR        float64 `yaml:"head_lr" json:"head_lr"`
	HeadBatch     int     `yaml:"head_batch" json:"head_batch"`
}

// Validate reports the first thing wrong with the settings.
func (s RnCSettings) Validate() error {
	if s.HeadEpochs < 1 || !(s.HeadLR > 0) || s.HeadBatch < 2 {
		return fmt.Errorf("head_epochs %d, head_lr %g, head_batch %d: expected at least 1, more than 0 and at least 2",
			s.HeadEpochs, s.HeadLR, s.HeadBatch)
	}
	if s.EncoderEpochs < 1 {
		return fmt.Errorf("encoder_epochs %d: expected at least 1", s.EncoderEpochs)
	}
	return s.encoder().Validate()
}

// The published momentum and augmentation of both stages, and the ends of their cosine schedules: 0.1³ and 0.2³ of
// their rates.
const (
	rncMomentum     = 0.9
	rncEncoderEnd   = 0.001
	rncHeadEnd      = 0.008
	rncAugmentation = "crop-and-colour"
)

func (s RnCSettings) head() Stage {
	own := s.encoder()
	return Stage{
		From: fmt.Sprintf("rnc-encoder(batch=%d,epochs=%d,lr=%g,temperature=%g)", own.Batch, own.Epochs, own.LR,
			own.Temperature),
		EvaluationMode: true, Epochs: s.HeadEpochs, BatchSize: s.HeadBatch, LR: s.HeadLR,
		Optimizer: "sgd", Momentum: rncMomentum, Schedule: "cosine", LREnd: rncHeadEnd, Augmentation: rncAugmentation,
	}
}

func (s RnCSettings) encoder() RnCEncoderSettings {
	return RnCEncoderSettings{Temperature: s.Temperature, Epochs: s.EncoderEpochs, LR: s.EncoderLR, Batch: s.EncoderBatch}
}

// RnCEncoderSettings are those of the first stage, which rnc gives it.
type RnCEncoderSettings struct {
	Temperature float64 `yaml:"temperature" json:"temperature"`
	Epochs      int     `yaml:"epochs" json:"epochs"` // 0: the recipe's
	LR          float64 `yaml:"lr" json:"lr"`
	Batch       int     `yaml:"batch" json:"batch"` // 0: the recipe's batch size
}

// Validate reports the first thing wrong with the settings.
func (s RnCEncoderSettings) Validate() error {
	if !(s.Temperature > 0) || !(s.LR > 0) || s.Epochs < 0 || s.Batch < 0 || s.Batch == 1 {
		return fmt.Errorf("encoder: temperature %g, lr %g, epochs %d, batch %d: expected positive numbers, and 0 or at "+
			"least 2 rows",
			s.Temperature, s.LR, s.Epochs, s.Batch)
	}
	return nil
}

func (s RnCEncoderSettings) stage() Stage {
	return Stage{KeepLast: true, Epochs: s.Epochs, BatchSize: s.Batch, LR: s.LR, WeightDecay: 1e-4,
		Optimizer: "sgd", Momentum: rncMomentum, Schedule: "cosine", LREnd: rncEncoderEnd, Augmentation: rncAugmentation}
}

// viewsOfSamples refuses dense labels and inputs without random augmentation.
func viewsOfSamples(t Traits) error {
	if !t.Dense && !t.Augmented {
		return errNoViews
	}
	return samplesHaveLabels(t)
}

// RankNContrast is the loss of Zha, Cao, Son, Yang, Katabi: Rank-N-Contrast: Learning Continuous Representations for
// Regression (NeurIPS 2023). Features z are [n, d], with both views of a sample as rows, labels y [n] or [n, k].
//
// With l_ij = -|z_i - z_j| / temperature and label distance D_ij, the sum of absolute differences over k, the scalar
// result is the mean over pairs (i, j), j != i, of -ln[ exp(l_ij) / sum over k != i with D_ik >= D_ij of exp(l_ik) ];
// 0 for one row. Published temperature: 2. Memory is n³.
func RankNContrast(z, y *Node, temperature float64) *Node {
	n := z.Shape().Dim(0)
	if y.Rank() == 1 {
		y = InsertAxes(y, 1)
	}
	rows, columns := pairs(y)
	distance := ReduceSum(Abs(Sub(rows, columns)), -1)
	other := indicator(others(z.Graph(), n), z)

	logits := DivScalar(Neg(rowDistances(z)), temperature)
	nearest := Where(others(z.Graph(), n), logits, ConstAs(logits, -1e30))
	logits = Sub(logits, StopGradient(ReduceAndKeep(nearest, ReduceMax, 1)))
	notNearer := LessOrEqual(InsertAxes(distance, 2), InsertAxes(distance, 1)) // [i, j, k]: D_ij <= D_ik
	masses := Mul(Exp(Mul(logits, other)), other)
	total := Einsum("ijk,ik->ij", indicator(notNearer, z), masses)
	total = Add(total, OneMinus(other)) // ln 1 on the diagonal
	losses := Mul(Sub(Log(total), logits), other)
	return DivScalar(ReduceAllSum(losses), float64(max(1, n*(n-1))))
}
