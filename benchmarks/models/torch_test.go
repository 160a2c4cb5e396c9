package models_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/ml/model"
)

func TestTorchNames(t *testing.T) {
	encoder, feature, head := models.DepthNames()
	depth := models.JoinTorchNames(encoder, feature, head)
	for _, c := range []struct {
		names      models.TorchNames
		name, path string
	}{
		{models.ResNet50Names(), "conv1.weight", "stem/kernel"},
		{models.ResNet50Names(), "bn1.running_var", "stem/running_var"},
		{models.ResNet50Names(), "layer1.0.conv2.weight", "stage1/block1/conv2/kernel"},
		{models.ResNet50Names(), "layer4.2.bn3.weight", "stage4/block3/conv3/scale"},
		{models.ResNet50Names(), "layer2.0.downsample.0.weight", "stage2/block1/shortcut/kernel"},
		{models.ResNet50Names(), "layer2.0.downsample.1.bias", "stage2/block1/shortcut/bias"},
		{models.ResNet50Names(), "fc.weight", ""},
		{depth, "E.layer3.5.conv1.weight", "backbone/stage3/block6/conv1/kernel"},
		{depth, "D.up2.conv1_2.weight", "decoder/up2/conv2/kernel"},
		{depth, "MFF.bn.running_mean", "fusion/conv/running_mean"},
		{depth, "R.bn1.bias", "conv2/bias"},
		{depth, "R.conv2.bias", "bias"},
		{models.BiLSTMNames(2), "weight_hh_l1_reverse", "layer2/hidden_weight"},
	} {
		if got := c.names[c.name].Path; got != c.path {
			t.Errorf("%s: path %q, want %q", c.name, got, c.path)
		}
	}
}

func TestTorchLoadReports(t *testing.T) {
	names := models.LinearNames().In("linear.", "head")
	store := model.NewStore()
	report, err := names.Load(store.RootScope(), map[string]models.TorchTensor{
		"module.linear.weight":       {Shape: []int{1, 2}, Values: []float32{3, 4}},
		"module.FDS.running_mean":    {Shape: []int{1}, Values: []float32{0}},
		"bn1.num_batches_tracked":    {Shape: []int{}, Values: []float32{7}},
		"module.other.running_means": {Shape: []int{1}, Values: []float32{0}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(report.Missing, []string{"linear.bias"}) ||
		!slices.Equal(report.Unknown, []string{"other.running_means"}) {
		t.Errorf("report %+v", report)
	}
	if got := store.GetVariable("/head/weight").Shape().Dimensions; !slices.Equal(got, []int{2, 1}) {
		t.Errorf("weight of shape %v, want it transposed", got)
	}
}

// TestTorchLoadUnwraps has the prefixes of nn.DataParallel, torch.compile and Lightning in any order.
func TestTorchLoadUnwraps(t *testing.T) {
	names := models.JoinTorchNames(models.LinearNames().In("linear.", "head"),
		models.LinearNames().In("model.out.", "out"))
	for _, prefix := range []string{"", "module.", "_orig_mod.", "model.", "module._orig_mod.", "_orig_mod.module.",
		"model._orig_mod.", "model.model."} {
		params := map[string]models.TorchTensor{}
		for _, name := range []string{"linear", "model.out"} {
			params[prefix+name+".weight"] = models.TorchTensor{Shape: []int{1, 2}, Values: []float32{3, 4}}
			params[prefix+name+".bias"] = models.TorchTensor{Shape: []int{1}, Values: []float32{5}}
		}
		report, err := names.Load(model.NewStore().RootScope(), params)
		if err != nil || len(report.Missing)+len(report.Unknown) > 0 {
			t.Errorf("prefix %q: %+v, %v", prefix, report, err)
		}
	}
	twice := map[string]models.TorchTensor{}
	for i, prefix := range []string{"", "model."} {
		for name, shape := range map[string][]int{"linear.weight": {1, 1}, "linear.bias": {1}} {
			twice[prefix+name] = models.TorchTensor{Shape: shape, Values: []float32{float32(i)}}
		}
	}
	store := model.NewStore()
	report, err := models.LinearNames().In("linear.", "head").Load(store.RootScope(), twice)
	if err != nil || !slices.Equal(report.Unknown, []string{"model.linear.bias", "model.linear.weight"}) {
		t.Errorf("a name with and without its prefix: %+v, %v", report, err)
	}
}

func TestTorchLoadErrors(t *testing.T) {
	short := models.TorchTensor{Shape: []int{2, 3}, Values: make([]float32, 5)}
	bias := models.TorchTensor{Shape: []int{2}, Values: make([]float32, 2)}
	for name, c := range map[string]struct {
		names  models.TorchNames
		params map[string]models.TorchTensor
		want   string
	}{
		"values": {models.LinearNames(), map[string]models.TorchTensor{"weight": short, "bias": bias},
			`"weight" has shape [2 3] and 5 values`},
		"rank": {models.ResNet50Names(), map[string]models.TorchTensor{"conv1.weight": bias},
			`"conv1.weight" has shape [2]`},
		"direction": {models.BiLSTMNames(1), map[string]models.TorchTensor{"weight_ih_l0": bias},
			`"weight_ih_l0" has shape [2]`},
	} {
		_, err := c.names.Load(model.NewStore().RootScope(), c.params)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", name, err, c.want)
		}
	}
}
