package models_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// numbered is a tensor of ascending values.
func numbered(shape ...int) models.TorchTensor {
	size := 1
	for _, dim := range shape {
		size *= dim
	}
	p := models.TorchTensor{Shape: shape, Values: make([]float32, size)}
	for i := range p.Values {
		p.Values[i] = float32(i)
	}
	return p
}

// valuesOf reads variables below the root.
func valuesOf(store *model.Store) func(path string) *tensors.Tensor {
	return func(path string) *tensors.Tensor {
		if v := store.GetVariable("/" + path); v != nil {
			return v.MustValue()
		}
		return nil
	}
}

func TestTorchSaveIsInverseOfLoad(t *testing.T) {
	names := models.JoinTorchNames(models.BiLSTMNames(2).In("lstm.", "rnn"), models.LinearNames().In("linear.", "head"),
		models.EmbeddingNames("table").In("words.", ""), models.OwnTorchNames(map[string][]int{
			"stem/kernel": {5, 3, 2}, "stem/scale": {2}, "stem/bias": {2}, "stem/running_mean": {2}, "stem/running_var": {2},
			"conv/kernel": {3, 2, 4, 5}, "conv/bias": {5}}))
	params := map[string]models.TorchTensor{}
	for name := range names {
		params[name] = numbered(3, 2)
		if slices.Contains([]string{"bias", "mean", "var"}, name[len(name)-4:]) || names[name].Path == "stem/scale" {
			params[name] = numbered(2)
		}
	}
	for name, shape := range map[string][]int{"stem.conv.weight": {2, 3, 5}, "conv.weight": {5, 4, 3, 2}} {
		params[name] = numbered(shape...)
	}
	for _, name := range []string{"stem.norm.bias", "stem.norm.running_mean", "stem.norm.running_var", "stem.norm.weight",
		"conv.bias", "linear.bias"} {
		params[name] = numbered(2)
	}
	for name := range maps.Keys(params) {
		if target := names[name].Path; len(target) > 5 && target[len(target)-5:] == "_bias" {
			params[name] = numbered(3)
		}
	}
	store := model.NewStore()
	report, err := names.Load(store.RootScope(), params)
	if err != nil || len(report.Missing)+len(report.Unknown) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	if got := store.GetVariable("/conv/kernel").Shape().Dimensions; !slices.Equal(got, []int{3, 2, 4, 5}) {
		t.Errorf("kernel of shape %v", got)
	}
	back, err := names.Save(valuesOf(store))
	if err != nil {
		t.Fatal(err)
	}
	params["stem.norm.num_batches_tracked"] = models.TorchTensor{Values: []float32{0}, Count: true}
	if diff := cmp.Diff(params, back); diff != "" {
		t.Error(diff)
	}
	if _, err := names.Save(func(string) *tensors.Tensor { return nil }); err == nil {
		t.Error("a variable that is missing: no error")
	}
}

func TestOwnTorchNames(t *testing.T) {
	shapes := map[string][]int{
		"encoder/stem/kernel": {3, 3, 3, 8}, "encoder/stem/scale": {8}, "encoder/stem/running_var": {8},
		"encoder/stem/running_mean": {8}, "encoder/lstm/layer2/hidden_weight": {2, 4, 16},
		"encoder/lstm/layer2/hidden_bias": {2, 16}, "encoder/word_vectors": {9, 4}, "encoder/norm/scale": {8},
		"encoder/norm/running_mean": {8}, "regressor/means/weight": {8, 2}, "regressor/kernel": {5, 5, 8, 1},
		"regressor/other": {8, 2, 1},
	}
	want := map[string]string{
		"encoder.stem.conv.weight": "encoder/stem/kernel", "encoder.stem.norm.weight": "encoder/stem/scale",
		"encoder.stem.norm.running_var":     "encoder/stem/running_var",
		"encoder.stem.norm.running_mean":    "encoder/stem/running_mean",
		"encoder.lstm.weight_hh_l1":         "encoder/lstm/layer2/hidden_weight",
		"encoder.lstm.weight_hh_l1_reverse": "encoder/lstm/layer2/hidden_weight",
		"encoder.lstm.bias_hh_l1":           "encoder/lstm/layer2/hidden_bias",
		"encoder.lstm.bias_hh_l1_reverse":   "encoder/lstm/layer2/hidden_bias",
		"encoder.word_vectors.weight":       "encoder/word_vectors", "encoder.norm.weight": "encoder/norm/scale",
		"encoder.norm.running_mean": "encoder/norm/running_mean", "regressor.means.weight": "regressor/means/weight",
		"regressor.weight": "regressor/kernel", "regressor.other": "regressor/other",
	}
	got := map[string]string{}
	for name, target := range models.OwnTorchNames(shapes) {
		got[name] = target.Path
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
