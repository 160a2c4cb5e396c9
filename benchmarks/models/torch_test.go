package models_test

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/ml/model"
)

func TestResNet50Path(t *testing.T) {
	for name, want := range map[string]string{
		"conv1.weight":                     "stem/kernel",
		"bn1.running_var":                  "stem/running_var",
		"layer1.0.conv2.weight":            "stage1/block1/conv2/kernel",
		"layer4.2.bn3.weight":              "stage4/block3/conv3/scale",
		"layer2.0.downsample.0.weight":     "stage2/block1/shortcut/kernel",
		"layer2.0.downsample.1.bias":       "stage2/block1/shortcut/bias",
		"layer2.0.bn1.num_batches_tracked": "",
		"fc.weight":                        "",
	} {
		path, ok := models.ResNet50Path(name)
		if ok != (want != "") || ok && path != want {
			t.Errorf("%s: got %q, %v; want %q", name, path, ok, want)
		}
	}
}

func TestSetTorchErrors(t *testing.T) {
	scope := model.NewStore().RootScope()
	short := models.TorchTensor{Shape: []int{2, 3}, Values: make([]float32, 5)}
	bias := models.TorchTensor{Shape: []int{2}, Values: make([]float32, 2)}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"values":    {models.SetLinear(scope, short, bias), `"weight" has shape [2 3] and 5 values`},
		"rank":      {models.SetResNet50(scope, map[string]models.TorchTensor{"conv1.weight": bias}), `"conv1.weight" has shape [2]`},
		"missing":   {models.SetBiLSTM(scope, nil, 1), `"weight_ih_l0" is missing`},
		"direction": {models.SetBiLSTM(scope, map[string]models.TorchTensor{"weight_ih_l0": bias}, 1), `"weight_ih_l0" has shape [2]`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", name, c.err, c.want)
		}
	}
}
