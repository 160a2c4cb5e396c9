package conformance

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

func checkLosses(c *comparison, content []byte) error {
	var cases []struct {
		Loss   string
		Params struct {
			Beta, Gamma float64
			Activate    string
		}
		Pred, Target, Weight []float64
		Weighted             bool
		Value                float64
		Grad                 []float64
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for _, v := range cases {
		loss := methods.Loss{Kind: v.Loss, Beta: v.Params.Beta, Gamma: v.Params.Gamma, Activation: v.Params.Activate}
		if err := loss.Validate(); err != nil {
			return err
		}
		weight := v.Weight
		if !v.Weighted {
			weight = ones(len(v.Pred))
		}
		out, err := CallOnceN(c.backend, func(in []*Node) []*Node {
			value := loss.Mean(in[0], in[1], in[2])
			return []*Node{value, Gradient(value, in[0])[0]}
		}, v.Pred, v.Target, weight)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s %v weighted=%v", v.Loss, v.Params, v.Weighted)
		if err := c.add(name+" value", []float64{out[0].Value().(float64)}, []float64{v.Value}); err != nil {
			return err
		}
		if err := c.add(name+" gradient", out[1].Value().([]float64), v.Grad); err != nil {
			return err
		}
	}
	return nil
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

func checkCalibrate(c *comparison, content []byte) error {
	var cases []struct {
		Task, Variant  string
		ClipMin        float64 `json:"clip_min"`
		ClipMax        float64 `json:"clip_max"`
		Matrix, Out    [][]float64
		M1, V1, M2, V2 []float64
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for _, v := range cases {
		out, err := CallOnceN(c.backend, func(in []*Node) []*Node {
			z, row := in[0], func(x *Node) *Node { return BroadcastToShape(InsertAxes(x, 0), in[0].Shape()) }
			return []*Node{methods.CalibrateFeatures(z, row(in[1]), row(in[2]), row(in[3]), row(in[4]), v.ClipMin, v.ClipMax,
				v.Task != "age")}
		}, v.Matrix, v.M1, v.V1, v.M2, v.V2)
		if err != nil {
			return err
		}
		if err := c.add(v.Task+" "+v.Variant, flat(out[0].Value().([][]float64)), flat(v.Out)); err != nil {
			return err
		}
	}
	return nil
}

func flat[T float32 | float64](rows [][]T) []float64 {
	var out []float64
	for _, row := range rows {
		for _, x := range row {
			out = append(out, float64(x))
		}
	}
	return out
}

// fdsVector is a file of several epochs of feature distribution smoothing.
type fdsVector struct {
	Kind        string
	Fidelity    string `json:"semantics"`
	FeatureDim  int    `json:"feature_dim"`
	BucketNum   int    `json:"bucket_num"`
	BucketStart int    `json:"bucket_start"`
	Kernel      string
	KS          int
	Sigma       float64
	Clip        [2]float64
	Momentum    float64
	StartUpdate int `json:"start_update"`
	StartSmooth int `json:"start_smooth"`
	Epochs      []fdsEpoch
}

type fdsEpoch struct {
	BatchLabels   []float32   `json:"batch_labels"`
	BatchFeatures [][]float32 `json:"batch_features"`
	Smoothed      [][]float32 `json:"smoothed_features"`
	EpochLabels   []float32   `json:"epoch_labels"`
	EpochFeatures [][]float32 `json:"epoch_features"`
	RunningMean   [][]float32 `json:"running_mean"`
	RunningVar    [][]float32 `json:"running_var"`
	SmoothedMean  [][]float32 `json:"smoothed_mean_last_epoch"`
	SmoothedVar   [][]float32 `json:"smoothed_var_last_epoch"`
	LastMean      [][]float32 `json:"running_mean_last_epoch"`
}

// config returns the settings of the layer. Official files have last-epoch statistics aliased to the running ones; the
// official code's other differences do not show in these files, or are those of its STS-B variant.
func (v fdsVector) config() methods.FDSConfig {
	config := methods.DefaultFDS(v.BucketStart, v.BucketNum-1)
	config.Kernel = methods.Kernel{Kind: v.Kernel, Size: v.KS, Sigma: v.Sigma}
	config.Momentum, config.Clip, config.StartUpdate, config.StartSmooth = v.Momentum, v.Clip, v.StartUpdate, v.StartSmooth
	if v.Fidelity == "official" {
		config.NewerStatistics, config.EndsByBatch, config.Empty = true, true, methods.EmptyLeak
	}
	if v.Kind == "stsb" {
		config.SkipDegenerate, config.Empty = true, methods.EmptyFill
	}
	return config
}

func checkFDS(c *comparison, content []byte) error {
	var v fdsVector
	if err := decode(content, &v); err != nil {
		return err
	}
	variables := model.NewStore()
	layer, err := methods.NewFDS(variables.RootScope(), v.config(), v.FeatureDim)
	if err != nil {
		return err
	}
	space := datasets.AgeSpace()
	space.Bins = max(space.Bins, v.BucketNum)
	if v.Kind == "stsb" {
		space = scoreSpace(v.BucketNum, [2]float64{})
	}
	calibrate := model.MustNewExec(c.backend, variables,
		func(_ *model.Scope, z, bins *Node) *Node { return layer.Calibrate(z, bins) })
	collect := model.MustNewExec(c.backend, variables, func(_ *model.Scope, z, bins *Node) { layer.Collect(z, bins) })
	end := model.MustNewExec(c.backend, variables, func(_ *model.Scope, g *Graph) { layer.EndEpoch(g) })
	for i, e := range v.Epochs {
		smoothed := calibrate.MustCall(e.BatchFeatures, bins[int32](space, e.BatchLabels))[0]
		// Two batches, unless there is a single sample, so that merging their statistics is checked too.
		half := max(1, (len(e.EpochFeatures)+1)/2)
		for rows := range slices.Chunk(e.EpochFeatures, half) {
			collect.MustCall(rows, bins[int32](space, e.EpochLabels[:len(rows)]))
			e.EpochLabels = e.EpochLabels[len(rows):]
		}
		end.MustCall()
		if err := c.addEpoch(fmt.Sprintf("epoch %d ", i), variables, smoothed, e); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) addEpoch(name string, variables *model.Store, smoothed *tensors.Tensor, e fdsEpoch) error {
	state := func(name string) [][]float32 {
		return variables.GetVariable("/fds/" + name).MustValue().Value().([][]float32)
	}
	for _, part := range []struct {
		name      string
		got, want [][]float32
	}{
		{"smoothed features", smoothed.Value().([][]float32), e.Smoothed},
		{"running mean", state("running_mean"), e.RunningMean},
		{"running variance", state("running_var"), e.RunningVar},
		{"smoothed mean", state("smoothed_mean"), e.SmoothedMean},
		{"smoothed variance", state("smoothed_var"), e.SmoothedVar},
		{"last mean", state("last_mean"), e.LastMean},
	} {
		if part.want == nil {
			continue // the file does not have it
		}
		if err := c.add(name+part.name, flat(part.got), flat(part.want)); err != nil {
			return err
		}
	}
	return nil
}

func bins[T int | int32](space datasets.LabelSpace, labels []float32) []T {
	out := make([]T, len(labels))
	for i, label := range labels {
		out[i] = T(space.Bin(label))
	}
	return out
}
