package benchmarks

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// agedb is AgeDB-DIR: age from a face (Moschoglou et al. 2017, split by Yang et al. 2021).
func agedb() Benchmark {
	return Benchmark{
		Name: "agedb-dir", Title: "AgeDB-DIR", Dataset: "agedb", Modality: datasets.Image,
		Metrics: []metrics.Metric{metrics.MAE, metrics.GM}, Selection: metrics.MAE,
		Scales:  map[string]func() task.Recipe{"tiny": ageTiny, "small": ageSmall, "full": ageFull},
		Release: release, TrainRows: 12208,
	}
}

// ageFull is the released recipe with a ResNet-50 from scratch.
func ageFull() task.Recipe {
	return task.Recipe{
		Epochs: 90, RetrainEpochs: 30, BatchSize: 256, LR: 1e-3, LRDrops: []int{60, 80}, LabelScale: 1,
		Selection: task.Selection{Split: task.SelectVal}, BNShards: 1, Precision: task.PrecisionFloat32,
		Loss:     methods.Loss{Kind: methods.LossL1},
		Focal:    methods.Loss{Kind: methods.LossFocalL1, Beta: 0.2, Gamma: 1, Activation: "sigmoid"},
		Reweight: methods.ReweightSqrtInv, InvClip: [2]int{5, 1000}, LDS: methods.DefaultKernel(),
		LDSPadding: methods.ZeroPadding,
		Resample:   methods.DefaultResample(),
		FDS:        methods.DefaultFDS(3, 99),
		Image:      &task.ImageModel{Encoder: "resnet50", Size: 224, CropPad: 16},
	}
}

// ageSmall trains the tiny network longer, wider and on more pixels.
func ageSmall() task.Recipe {
	r := ageTiny()
	r.Epochs, r.LRDrops, r.RetrainEpochs = 40, []int{26, 35}, 40
	r.BatchSize = 128
	r.Image = &task.ImageModel{Encoder: "tiny-resnet", Size: 64, CropPad: 4, Width: 32}
	return r
}

// ageTiny keeps the protocol and shrinks the network to what a CPU can train.
func ageTiny() task.Recipe {
	r := ageFull()
	r.Epochs, r.LRDrops, r.RetrainEpochs = 20, []int{13, 17}, 20
	r.BatchSize, r.FDS.Statistics = 64, methods.StatisticsOnline
	r.Image = &task.ImageModel{Encoder: "tiny-resnet", Size: 32, CropPad: 2, Width: 16}
	return r
}
