package models_test

import (
	"slices"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func depthNet(cfg models.DepthConfig, training bool) func(*model.Scope, *graph.Node) *graph.Node {
	return func(scope *model.Scope, x *graph.Node) *graph.Node {
		h := models.DepthEncoder(scope.At("encoder"), x, cfg, training)
		z := models.DepthFeature(scope.At("feature"), h, training)
		return models.DepthHead(scope.At("head"), z)
	}
}

// The official network has 67,569,473 parameters and maps 228×304 to 114×152 (model_nyud2.json).
func TestDepthSize(t *testing.T) {
	store := model.NewStore()
	cfg := models.DepthConfig{Encoder: "resnet50", Width: 256}
	if shape := buildOnly(t, store, depthNet(cfg, false), 1, 228, 304, 3); !slices.Equal(shape, []int{1, 114, 152}) {
		t.Errorf("depth has shape %v", shape)
	}
	if size := trainableSize(store); size != 67569473 {
		t.Errorf("got %d parameters, want 67569473", size)
	}
}

func TestTinyDepth(t *testing.T) {
	cfg := models.DepthConfig{Encoder: "tiny", Width: 8}
	store := seeded(1)
	out := run(t, store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		y := depthNet(cfg, true)(scope, in[0])
		loss := graph.ReduceAllMean(graph.Square(graph.AddScalar(y, -3)))
		return append([]*graph.Node{y}, scope.BuildTrainableVariablesGradientsGraph(loss)...)
	}, wave(2, 23, 34, 3))
	if len(out[0]) != 2*12*18 {
		t.Errorf("depth has %d values, want 2·12·18", len(out[0]))
	}
	for i, grad := range out[1:] {
		if norm := l2(grad); !(norm > 0) {
			t.Errorf("gradient %d has norm %g", i, norm)
		}
	}
}

func TestDepthConfig(t *testing.T) {
	for _, c := range []struct {
		cfg models.DepthConfig
		ok  bool
	}{
		{models.DepthConfig{Encoder: "resnet50", Width: 256}, true},
		{models.DepthConfig{Encoder: "resnet50", Width: 64}, false},
		{models.DepthConfig{Encoder: "tiny", Width: 32}, true},
		{models.DepthConfig{Encoder: "tiny", Width: 30}, false},
		{models.DepthConfig{Encoder: "tiny"}, false},
		{models.DepthConfig{Encoder: "senet", Width: 32}, false},
	} {
		if err := c.cfg.Validate(); (err == nil) != c.ok {
			t.Errorf("%+v: got error %v", c.cfg, err)
		}
	}
}
