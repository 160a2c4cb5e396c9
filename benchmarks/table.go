package benchmarks

import (
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// tableBenchmark is any label of a row of numbers and categories, by the recipe of UCI-DIR (Dong et al., SRL, CVPR
// 2025).
func tableBenchmark() Benchmark {
	return general("Tables", datasets.Table, Benchmark{
		Scales:  map[string]func() task.Recipe{"tiny": tableTiny, "small": tableSmall, "full": tableFull},
		Release: release,
	})
}

// tableFull is what the code of SRL trains on UCI's sets: hidden layers of 20, 30 and 10, AdamW with PyTorch's weight
// decay.
func tableFull() task.Recipe {
	return task.Recipe{
		Epochs: 1601, RetrainEpochs: 500, BatchSize: 256, LR: 1e-3, LRDrops: []int{}, LabelScale: 1,
		Optimizer: task.AdamW, WeightDecay: 0.01,
		Selection: task.Selection{Split: task.SelectVal}, BNShards: 1, Precision: task.PrecisionFloat32,
		Loss:     methods.Loss{Kind: methods.LossL1},
		Reweight: methods.ReweightSqrtInv, LDS: methods.DefaultKernel(), LDSPadding: methods.ZeroPadding,
		Resample: methods.DefaultResample(),
		FDS:      methods.DefaultFDS(0, 99),
		Table:    &task.TableModel{Hidden: []int{20, 30, 10}},
	}
}

// tableSmall ends early where validation no longer improves.
func tableSmall() task.Recipe {
	r := tableFull()
	r.Epochs, r.RetrainEpochs, r.BatchSize, r.EarlyStop = 300, 100, 64, 40
	r.FDS.Statistics = methods.StatisticsOnline
	return r
}

// tableTiny trains the same network for a few seconds.
func tableTiny() task.Recipe {
	r := tableSmall()
	r.Epochs, r.RetrainEpochs, r.LR, r.EarlyStop = 60, 30, 3e-3, 0
	return r
}
