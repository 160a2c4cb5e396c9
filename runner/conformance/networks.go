package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// networkTolerance is that of float32 networks.
const networkTolerance = 1e-3

// load stores the parameters of a network, all of which must match.
func load(names models.TorchNames, params map[string]models.TorchTensor) (*model.Store, error) {
	store := model.NewStore()
	report, err := names.Load(store.RootScope(), params)
	if err == nil && len(report.Missing)+len(report.Unknown) > 0 {
		err = fmt.Errorf("parameters missing %q, unknown %q", report.Missing, report.Unknown)
	}
	return store, err
}

// outputs executes a graph over the store and returns its float32 results, flat.
func (c *comparison) outputs(store *model.Store, build func(*model.Scope, []*Node) []*Node, inputs ...any) (
	[][]float64, error) {
	exec, err := model.NewExec(c.backend, store, build)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	results, err := exec.Call(inputs...)
	if err != nil {
		return nil, err
	}
	var flat [][]float64
	for _, result := range results {
		flat = append(flat, widen(tensors.MustCopyFlatData[float32](result)))
	}
	return flat, nil
}

func widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

func norm(values []float64) []float64 {
	sum := 0.0
	for _, v := range values {
		sum += v * v
	}
	return []float64{math.Sqrt(sum)}
}

func checkBiLSTM(c *comparison, content []byte) error {
	var v struct {
		network
		Hidden  int       `json:"d_hid"`
		Layers  int       `json:"layers"`
		Tokens1 [][]int32 `json:"tokens1"`
		Tokens2 [][]int32 `json:"tokens2"`
		Targets []float32 `json:"labels_div5"`
		Output  []float64 `json:"output"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	params := v.parameters()
	table, ok := params["emb.weight"]
	if !ok {
		return fmt.Errorf("parameter emb.weight is missing")
	}
	delete(params, "emb.weight")
	clear(table.Values[:table.Shape[1]])
	names := models.JoinTorchNames(models.BiLSTMNames(v.Layers).In("lstm.", "encoder/lstm"),
		models.LinearNames().In("fc.", "linear"))
	store, err := load(names, params)
	if err != nil {
		return err
	}
	wanted := slices.DeleteFunc(slices.Sorted(maps.Keys(v.GradNorm)),
		func(name string) bool { _, ours := names[name]; return !ours })
	first, second := padded(v.Tokens1, v.Tokens2)
	out, err := c.outputs(store, func(scope *model.Scope, in []*Node) []*Node {
		z := models.PairEncoder(scope.At("encoder"), in[0], in[1], in[2],
			models.PairConfig{Hidden: v.Hidden, Layers: v.Layers}, true)
		y := Squeeze(models.Linear(scope.At("linear"), z, 1), -1)
		loss := ReduceAllMean(Square(Sub(y, Const(y.Graph(), v.Targets))))
		results := []*Node{y}
		for _, name := range wanted {
			gradient := Gradient(loss, store.GetVariable("/"+names[name].Path).NodeValue(y))[0]
			results = append(results, names[name].Part(gradient))
		}
		return results
	}, tensors.FromFlatDataAndDimensions(table.Values, table.Shape...), first, second)
	if err != nil {
		return err
	}
	if err := c.add("output", out[0], v.Output); err != nil {
		return err
	}
	for i, name := range wanted {
		if err := c.add("gradient norm of "+name, norm(out[1+i]), []float64{v.GradNorm[name]}); err != nil {
			return err
		}
	}
	return nil
}

// padded returns two lists of sentences with 0 behind their tokens, all of one length.
func padded(first, second [][]int32) ([][]int32, [][]int32) {
	longest := 0
	for _, tokens := range slices.Concat(first, second) {
		longest = max(longest, len(tokens))
	}
	pad := func(sentences [][]int32) (all [][]int32) {
		for _, tokens := range sentences {
			all = append(all, append(slices.Clone(tokens), make([]int32, longest-len(tokens))...))
		}
		return all
	}
	return pad(first), pad(second)
}

// nyud2TrainingSlack is by how much the training output may miss more than the evaluation, at least. Normalised by the
// statistics of a single image, these float32 figures are 0.07 % off those computed in float64 by PyTorch.
const nyud2TrainingSlack = 2

func checkNYUD2Network(c *comparison, content []byte) error {
	var v struct {
		network
		EvalMean  float64 `json:"eval_output_mean"`
		EvalStd   float64 `json:"eval_output_std"`
		TrainMean float64 `json:"train_output_mean"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	evalSample, evalStride, err := pixelSample(content, "eval_output")
	if err != nil {
		return err
	}
	trainSample, trainStride, err := pixelSample(content, "train_output")
	if err != nil {
		return err
	}
	encoder, feature, head := models.DepthNames()
	names := models.JoinTorchNames(encoder.In("", "encoder"), feature.In("", "regressor"), head.In("", "regressor"))
	store, err := load(names, v.parameters())
	if err != nil {
		return err
	}
	images := v.images()
	for _, training := range []bool{false, true} {
		name, sample, stride, mean, slack := "evaluation", evalSample, evalStride, v.EvalMean, 1.0
		if training {
			name, sample, stride, mean, slack = "training", trainSample, trainStride, v.TrainMean, nyud2TrainingSlack
		}
		build := func(scope *model.Scope, in []*Node) []*Node {
			h := models.DepthEncoder(scope.At("encoder"), in[0], models.DepthConfig{Encoder: "resnet50", Width: 256}, training)
			z := models.DepthFeature(scope.At("regressor"), h, training)
			y := models.DepthHead(scope.At("regressor"), z)
			every := func(n int) SliceAxisSpec { return AxisRange().Stride(n) }
			deviation := Sub(y, ReduceAndKeep(y, ReduceMean, 0, 1, 2))
			return []*Node{Slice(y, AxisRange(), every(stride[0]), every(stride[1])), ReduceAllMean(y),
				Sqrt(ReduceAllMean(Square(deviation)))}
		}
		out, err := c.outputs(store, build, images)
		if err != nil {
			return err
		}
		if training {
			moved, err := c.outputs(store, build, v.rounded())
			if err != nil {
				return err
			}
			slack = max(slack, roundingRoom*change(out[0], moved[0])/c.tolerance)
		}
		if err := c.addMap(name, out[0], sample, slack); err != nil {
			return err
		}
		if err := c.add(name+" mean", out[1], []float64{mean}); err != nil {
			return err
		}
		if !training {
			if err := c.add("evaluation deviation", out[2], []float64{v.EvalStd}); err != nil {
				return err
			}
		}
	}
	return nil
}

var sampleName = regexp.MustCompile(`^(.*)_sample_stride_h(\d+)_w(\d+)$`)

// pixelSample returns a sample of an output, row by row, and its strides, which the field's name has.
func pixelSample(content []byte, output string) (sample []float64, stride [2]int, err error) {
	var fields map[string]json.RawMessage
	if err := decode(content, &fields); err != nil {
		return nil, stride, err
	}
	for field, value := range fields {
		match := sampleName.FindStringSubmatch(field)
		if match == nil || match[1] != output {
			continue
		}
		for i := range stride {
			if stride[i], err = strconv.Atoi(match[2+i]); err != nil || stride[i] == 0 {
				return nil, stride, fmt.Errorf("%s: expected strides of 1 or more", field)
			}
		}
		err = decode(value, &sample)
		return sample, stride, err
	}
	return nil, stride, fmt.Errorf("%s_sample_stride_hN_wN is missing", output)
}
