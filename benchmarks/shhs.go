package benchmarks

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// shhs is SHHS-DIR: general health from a night's polysomnogram (Quan et al. 1997, task of Yang et al. 2021). Its code
// was never released: target and kind of network are the paper's, the rest is this project's.
func shhs() Benchmark {
	return Benchmark{
		Name: "shhs-dir", Title: "SHHS-DIR", Dataset: "shhs", Modality: datasets.Signal,
		Metrics: []metrics.Metric{metrics.MAE, metrics.GM}, Selection: metrics.MAE,
		Scales:  map[string]func() task.Recipe{"tiny": signalTiny, "small": signalSmall, "full": signalFull},
		Release: release, TrainRows: 1892,
		Note: "re-implemented protocol: the code of SHHS-DIR was never released",
	}
}

// signalFull takes eight hours of every recording.
func signalFull() task.Recipe {
	return task.Recipe{
		Epochs: 60, RetrainEpochs: 20, BatchSize: 8, LR: 1e-3, LRDrops: []int{40, 50}, LabelScale: 1,
		Selection: task.Selection{Split: task.SelectVal}, BNShards: 1, Precision: task.PrecisionFloat32,
		Loss:     methods.Loss{Kind: methods.LossL1},
		Focal:    methods.Loss{Kind: methods.LossFocalL1, Beta: 0.2, Gamma: 1, Activation: "sigmoid"},
		Reweight: methods.ReweightInv, LDS: methods.DefaultKernel(), LDSPadding: methods.ZeroPadding,
		Resample: methods.DefaultResample(),
		FDS:      methods.DefaultFDS(0, 99),
		Signal:   &task.SignalModel{Width: 32, Hidden: 256, Windows: 960, WindowSeconds: 30},
	}
}

// signalSmall takes an hour of every recording.
func signalSmall() task.Recipe {
	r := signalTiny()
	r.Epochs, r.LRDrops, r.RetrainEpochs = 40, []int{26, 35}, 20
	r.Signal = &task.SignalModel{Width: 16, Hidden: 64, Windows: 120, WindowSeconds: 30}
	return r
}

// signalTiny takes two minutes of every recording.
func signalTiny() task.Recipe {
	r := signalFull()
	r.Epochs, r.LRDrops, r.RetrainEpochs, r.BatchSize = 20, []int{13, 17}, 10, 16
	r.FDS.Statistics = methods.StatisticsOnline
	r.Signal = &task.SignalModel{Width: 8, Hidden: 16, Windows: 4, WindowSeconds: 30}
	return r
}
