package benchmarks

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// stsb is STS-B-DIR: similarity of two sentences (Cer et al. 2017, split by Yang et al. 2021).
func stsb() Benchmark {
	return Benchmark{
		Name: "sts-b-dir", Title: "STS-B-DIR", Dataset: "sts-b", Modality: datasets.Text,
		Metrics: []metrics.Metric{metrics.MSE, metrics.Pearson}, Selection: metrics.MSE,
		GMZero:  metrics.ZeroAsEpsilon,
		Scales:  map[string]func() task.Recipe{"tiny": stsbTiny, "small": stsbSmall, "full": stsbFull},
		Release: pairRelease, TrainRows: 5249,
	}
}

// stsbFull is the released recipe: 300-d GloVe 840B, a BiLSTM of 1500 units per direction, a check every 400 steps. Its
// 40,000 steps are 953 epochs of 42; the checks end it earlier.
func stsbFull() task.Recipe {
	fds := methods.DefaultFDS(0, 49)
	fds.Clip, fds.Empty = [2]float64{0.5, 2}, methods.EmptyFill
	return task.Recipe{
		Epochs: 953, RetrainEpochs: 953, BatchSize: 128, LR: 1e-4, LRDrops: []int{}, WeightDecay: 1e-5, ClipNorm: 5,
		LabelScale: 5, Selection: task.Selection{Split: task.SelectVal}, BNShards: 1, Precision: task.PrecisionFloat32,
		CheckEvery: 400, MaxChecks: 100, Patience: 11, Loss: methods.Loss{Kind: methods.LossMSE},
		Focal:    methods.Loss{Kind: methods.LossFocalMSE, Beta: 20, Gamma: 1, Activation: "sigmoid"},
		Reweight: methods.ReweightInv, LDS: methods.DefaultKernel(), LDSPadding: methods.ZeroPadding,
		Resample: methods.DefaultResample(),
		FDS:      fds,
		Text: &task.TextModel{Tokenizer: "treebank", MaxTokens: 40, MaxVocab: 30000, Pretrained: true, Embedding: 300,
			Hidden: 1500, Layers: 2, Dropout: 0.2},
	}
}

// pairRelease draws batches without regard to the lengths of sentences.
func pairRelease(r *task.Recipe) {
	release(r)
	r.FDS.SkipDegenerate, r.MixedLengths = true, true
}

// stsbSmall has 100-d GloVe vectors and 100 units per direction. Like the full recipe it does not validate at the end
// of an epoch: 5,249 pairs leave a last batch of a single one, whose Adam step shifts all predictions. The 30 steps
// after the last check count for nothing.
func stsbSmall() task.Recipe {
	r := stsbFull()
	r.Epochs, r.RetrainEpochs, r.LR = 15, 15, 1e-3
	r.CheckEvery, r.MaxChecks, r.Patience = 40, 0, 0
	r.FDS.Statistics = methods.StatisticsOnline
	r.Text = &task.TextModel{Tokenizer: "words", MaxTokens: 40, MaxVocab: 30000, Pretrained: true, Embedding: 100,
		Hidden: 100, Layers: 2, Dropout: 0.2}
	return r
}

// stsbTiny learns its word vectors, so it needs no file.
func stsbTiny() task.Recipe {
	r := stsbSmall()
	r.CheckEvery = 0
	r.Text = &task.TextModel{Tokenizer: "lower", MaxTokens: 24, MaxVocab: 30000, Embedding: 32,
		Hidden: 32, Layers: 1, Dropout: 0.2}
	return r
}
