package benchmarks

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// The general benchmarks are for any dataset of a modality, which a suite names, and for any label. The network is that
// of a published benchmark; what depends on labels follows from the dataset. Each has the name of its modality, by
// which a manifest tells a general benchmark.

// imageBenchmark is any label of an image, with the networks of AgeDB-DIR.
func imageBenchmark() Benchmark {
	return general("Images", datasets.Image, agedb())
}

// textBenchmark is any label of one sentence or of a pair of them, with the networks of STS-B-DIR.
func textBenchmark() Benchmark {
	return general("Sentences", datasets.Text, stsb())
}

// signalBenchmark is any label of a recording, with the networks of SHHS-DIR.
func signalBenchmark() Benchmark {
	return general("Signals", datasets.Signal, shhs())
}

// general returns the benchmark of a modality whose recipes are those of a published one, but for what depends on
// labels.
func general(title string, modality datasets.Modality, published Benchmark) Benchmark {
	b := Benchmark{Name: string(modality), Title: title, Modality: modality,
		Metrics: []metrics.Metric{metrics.MAE, metrics.GM, metrics.BMAE, metrics.RMSE}, Selection: metrics.MAE,
		Scales: map[string]func() task.Recipe{}, Release: published.Release,
	}
	for scale, preset := range published.Scales {
		b.Scales[scale] = func() task.Recipe { return anyLabel(preset()) }
	}
	return b
}

// anyLabel changes a recipe to one for any label. Labels are standardised by those of training; FDS has a bucket for
// every bin of the label space; Focal-R's beta is that of ages, 0.2 a year, in standard deviations of 16 years; counts
// are not clipped, for 5 to 1000 samples in a bin are no bounds for datasets of any size.
func anyLabel(r task.Recipe) task.Recipe {
	r.LabelScale, r.NetworkUnits = 0, true
	r.Loss = methods.Loss{Kind: methods.LossL1}
	r.Focal = methods.Loss{Kind: methods.LossFocalL1, Beta: 3.2, Gamma: 1, Activation: "sigmoid"}
	r.Reweight, r.InvClip = methods.ReweightSqrtInv, [2]int{}
	r.FDS.FirstBin, r.FDS.LastBin = 0, 0
	return r
}
