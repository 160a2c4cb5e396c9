package benchmarks

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// nyud2 is NYUD2-DIR: the depth of every pixel of a room (Silberman et al. 2012, protocol of Yang et al. 2021, network
// of Hu et al. 2019).
func nyud2() Benchmark {
	return Benchmark{
		Name: "nyud2-dir", Title: "NYUD2-DIR", Dataset: "nyud2", Modality: datasets.Depth,
		Metrics: []metrics.Metric{metrics.RMSE, metrics.Delta1}, Selection: metrics.RMSE,
		Scales:  map[string]func() task.Recipe{"tiny": depthTiny, "small": depthSmall, "full": depthFull},
		Release: depthRelease, TrainRows: 50688, TrainCounts: nyud2TrainCounts,
	}
}

// depthFull is the released recipe. Focal-R is not in the released code; its steepness is this project's choice.
func depthFull() task.Recipe {
	fds := methods.DefaultFDS(7, 99)
	fds.Clip, fds.PoolEnds = [2]float64{0.2, 5}, true
	return task.Recipe{
		Epochs: 10, RetrainEpochs: 10, BatchSize: 32, LR: 1e-4, LRDrops: []int{5}, WeightDecay: 1e-4, LabelScale: 1,
		Selection: task.Selection{Split: task.SelectVal}, BNShards: 1, Precision: task.PrecisionFloat32,
		Loss:     methods.Loss{Kind: methods.LossMSE},
		Focal:    methods.Loss{Kind: methods.LossFocalMSE, Beta: 1, Gamma: 1, Activation: "sigmoid"},
		Reweight: methods.ReweightInv, FirstBin: 7,
		LDS: methods.DefaultKernel(), LDSPadding: methods.ReflectPadding,
		Resample: methods.DefaultResample(),
		FDS:      fds,
		Depth:    &task.DepthModel{Encoder: "resnet50", Width: 256, Pretrained: true, Frame: [2]int{320, 240}, Rotate: 5},
	}
}

// depthRelease copies FDS's statistics and features before it changes them, unlike the code of the other benchmarks.
// The counts that the code contains are those of the pixels at full scale.
func depthRelease(r *task.Recipe) {
	release(r)
	r.FDS.Features, r.FDS.NewerStatistics = methods.FeaturesRaw, false
	r.FDS.SkipDegenerate, r.UnknownDepths, r.PublishedCounts = true, true, r.Depth.Pretrained
}

// depthSmall trains a small encoder from scratch on frames of half the size.
func depthSmall() task.Recipe {
	r := depthTiny()
	r.Epochs, r.LRDrops, r.RetrainEpochs = 40, []int{26, 35}, 40
	r.Depth.Width, r.Depth.Frame = 64, [2]int{160, 120}
	return r
}

// depthTiny keeps the protocol and shrinks network and frames to what a CPU can train.
func depthTiny() task.Recipe {
	r := depthFull()
	r.Epochs, r.LRDrops, r.RetrainEpochs = 20, []int{13, 17}, 20
	r.BatchSize, r.LR = 16, 1e-3
	r.Depth = &task.DepthModel{Encoder: "tiny", Width: 32, Frame: [2]int{80, 60}, Rotate: 5}
	return r
}

// nyud2TrainCounts are the training pixels in each bin of 0.1 m that the released code contains (TRAIN_BUCKET_NUM).
var nyud2TrainCounts = []int{
	0, 0, 0, 0, 0, 0, 0, 25848691, 24732940, 53324326, 69112955, 54455432, 95637682, 71403954, 117244217, 84813007,
	126524456, 84486706, 133130272, 95464874, 146051415, 146133612, 96561379, 138366677, 89680276, 127689043, 81608990,
	119121178, 74360607, 106839384, 97595765, 66718296, 90661239, 53103021, 83340912, 51365604, 71262770, 42243737,
	65860580, 38415940, 53647559, 54038467, 28335524, 41485143, 32106001, 35936734, 23966211, 32018765, 19297203,
	31503743, 21681574, 16363187, 25743420, 12769509, 17675327, 13147819, 15798560, 9547180, 14933200, 9663019,
	12887283, 11803562, 7656609, 11515700, 7756306, 9046228, 5114894, 8653419, 6859433, 8001904, 6430700, 3305839,
	6318461, 3486268, 5621065, 4030498, 3839488, 3220208, 4483027, 2555777, 4685983, 3145082, 2951048, 2762369, 2367581,
	2546089, 2343867, 2481579, 1722140, 3018892, 2325197, 1952354, 2047038, 1858707, 2052729, 1348558, 2487278, 1314198,
	3338550, 1132666,
}
