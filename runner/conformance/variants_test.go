package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
)

// fields is a JSON object, or one case of a list.
type fields = map[string]any

// checkVariant changes the content of a vector file and checks it under the same name.
func checkVariant(t *testing.T, file string, change func(content any) any) Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectorDir(t), file))
	if err != nil {
		t.Fatal(err)
	}
	var content any
	if err := json.Unmarshal(text, &content); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(change(content)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return checkFile(path, backend)
}

// edit changes an object.
func edit(change func(fields)) func(any) any {
	return func(content any) any {
		change(content.(fields))
		return content
	}
}

// cut keeps the first n of some lists of an object.
func cut(n int, of fields, names ...string) {
	for _, name := range names {
		of[name] = of[name].([]any)[:n]
	}
}

// renamed changes the variants of cases that have a text in theirs, and leaves out the others.
func renamed(from, to string) func(any) any {
	return func(content any) any {
		return slices.DeleteFunc(content.([]any), func(c any) bool {
			variant, _ := c.(fields)["variant"].(string)
			c.(fields)["variant"] = strings.Replace(variant, from, to, 1)
			return !strings.Contains(variant, from)
		})
	}
}

// TestVariants checks files of other sizes, seeds and settings than the official ones: those whose results follow from
// the official ones, by trimming or by hand, must pass.
func TestVariants(t *testing.T) {
	tests := []struct {
		name, file string
		change     func(any) any
	}{
		{"a loss of 3 samples", "losses.json", func(content any) any {
			first := content.([]any)[2].(fields) // l1, not weighted
			first["pred"], first["target"], first["weight"] = []float64{1, 5, 4}, []float64{2, 2, 2}, nil
			first["value"], first["grad"] = 2, []float64{-1.0 / 3, 1.0 / 3, 1.0 / 3}
			return []any{first}
		}},
		{"a calibration of 2 rows", "calibrate.json", func(content any) any {
			for _, c := range content.([]any) {
				cut(2, c.(fields), "matrix", "out")
			}
			return content
		}},
		{"weights of ages above 120, one by one", "weights_age.json", func(any) any {
			return fields{"max_target": 121, "labels": []float64{30, 30, 119, 150, 150.5, 130, 120, 120}, "cases": []any{
				fields{"reweight": "sqrt_inv", "lds": false, "weight_per_label": fields{"30": 1.2164541439, "119": 1.7203259483,
					"150": 0.7693531528}},
				fields{"reweight": "none", "lds": false, "weight_per_label": fields{"30.0": 1, "150": 1}}}}
		}},
		{"weights of 150 ages", "weights_age.json", edit(func(v fields) {
			v["max_target"] = 150
			v["train_count_per_label"] = fields{"30": 20, "149": 5}
			v["cases"] = []any{fields{"reweight": "inverse", "weight_per_label": fields{"30": 0.625, "149": 2.5, "170": 2.5}}}
		})},
		{"weights of 2 scores in 4 bins", "weights_stsb.json", edit(func(v fields) {
			v["bins"], v["range"], v["bin_counts"], v["labels"] = 4, []float64{0, 2}, []int{2, 1, 1, 4}, []float64{0.1, 1.9}
			v["cases"] = []any{fields{"reweight": "inverse", "weights": []float64{1, 0.5}}}
		})},
		{"metrics of ages above 200", "metrics_age.json", edit(func(v fields) {
			v["train_count_per_label"] = fields{"30": 200, "201": 50, "250": 1}
			v["test_labels"], v["preds"] = []float64{30, 201, 250}, []float64{31, 203, 254}
			score := func(e float64) fields { return fields{"mse": e * e, "l1": e, "gmean": e} }
			v["overall"], v["many"], v["median"], v["low"] = fields{"l1": 7.0 / 3, "gmean": 2}, score(1), score(2), score(4)
		})},
		{"metrics without a few-shot sample", "metrics_age.json", edit(func(v fields) {
			v["train_count_per_label"] = fields{"30": 200}
			v["test_labels"], v["preds"] = []float64{30, 30}, []float64{31, 33}
			v["overall"], v["many"] = fields{"l1": 2}, fields{"mse": 5}
			v["median"], v["low"] = fields{"mse": nil, "l1": nil, "gmean": nil}, fields{"l1": nil}
		})},
		{"FDS with other rows and without one of its results", "fds_age_paper.json", edit(func(v fields) {
			for _, epoch := range v["epochs"].([]any) {
				cut(3, epoch.(fields), "batch_labels", "batch_features", "smoothed_features")
				delete(epoch.(fields), "running_mean_last_epoch")
			}
		})},
		{"FDS of two epochs", "fds_stsb_official.json", edit(func(v fields) { cut(2, v, "epochs") })},
		{"one view", "rnc.json", func(any) any {
			return []any{fields{"temperature": 2, "labels": []float64{1, 2}, "features": [][][]float64{{{0, 0}}, {{3, 4}}},
				"value": 0}}
		}},
		{"heads of other rates", "uvote.json", func(any) any {
			return []any{fields{"kind": "head_weights", "rates": []float64{0.5}, "train_count_per_label": []int{4, 16, 0},
				"weight_per_label": [][]any{{10.0 / 6, 5.0 / 6, nil}}}}
		}},
		{"cases without some results", "ordinal_entropy.json", func(content any) any {
			for _, c := range content.([]any) {
				delete(c.(fields), "tightness")
				delete(c.(fields), "diversity")
			}
			return content
		}},
		{"labels expected of a batch of one", "dist_loss.json", func(any) any {
			return []any{fields{"kind": "expected_labels", "density": []float64{0.2, 0.5, 0.3}, "batch_size": 1, "min_label": 3,
				"step": 2, "mended_counts": []int{0, 1, 0}, "mended_labels": []float64{5}}}
		}},
		{"batches of STS-B, whose sign is IMDB-WIKI's", "srl.json", renamed("imdb-wiki-dir", "sts-b-dir")},
		{"heads of STS-B alone", "uvote.json", renamed("wind, sts-b", "sts-b")},
		{"SERA by large steps", "sera.json", func(content any) any {
			case0 := content.([]any)[0].(fields)
			area, labels, preds, phi := 0.0, case0["labels"].([]any), case0["preds"].([]any), case0["phi"].([]any)
			for i := range labels {
				e := preds[i].(float64) - labels[i].(float64)
				switch p := phi[i].(float64); { // thresholds 0, 0.5 and 1
				case p >= 1:
					area += e * e
				case p >= 0.5:
					area += 0.75 * e * e
				default:
					area += 0.25 * e * e
				}
			}
			case0["step"], case0["sera"] = 0.5, area
			return []any{case0}
		}},
		{"sentences of other lengths", "model_bilstm.json", edit(func(v fields) {
			cut(3, v, "tokens1", "tokens2", "labels_div5", "output")
			delete(v, "grad_l2_norm")
			for i, row := range v["tokens1"].([]any) { // no padding
				tokens := row.([]any)
				if end := slices.Index(tokens, any(0.0)); end >= 0 {
					v["tokens1"].([]any)[i] = tokens[:end]
				}
			}
		})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r := checkVariant(t, tt.file, tt.change); !r.Passed() {
				t.Errorf("%s: %s, error %.2e above %.0e at %s", r.File, r.Error, r.MaxError, r.Tolerance, r.Where)
			}
		})
	}
}

// TestNetworkVariants: images and sentences do not depend on how many there are in evaluation, so the official outputs
// are those of the first ones of a larger batch and of a smaller one.
func TestNetworkVariants(t *testing.T) {
	if testing.Short() {
		t.Skip("a ResNet-50")
	}
	for _, images := range []int{1, 3} {
		r := checkVariant(t, "model_resnet50.json", edit(func(v fields) {
			v["input_shape"].([]any)[0] = images
			for name := range v {
				switch name {
				case "seed", "input_shape", "params", "eval_output":
				default:
					delete(v, name)
				}
			}
			if evaluated := v["eval_output"].([]any); images < len(evaluated) {
				v["eval_output"] = evaluated[:images]
			} else {
				v["eval_output"] = append(evaluated, -2.9) // of the third image
			}
		}))
		if r.Error != "" || r.Values != images || images == 1 && !r.Passed() || images == 3 &&
			!strings.HasPrefix(r.Where, "evaluation[2]") {
			t.Errorf("%d images: %+v", images, r)
		}
	}
}

// TestVariantsFail: a reader that passes what it does not compare would pass these too.
func TestVariantsFail(t *testing.T) {
	for name, change := range map[string]func(any) any{
		"a figure of a region without samples": edit(func(v fields) {
			v["train_count_per_label"], v["test_labels"], v["preds"] = fields{"30": 200}, []float64{30}, []float64{31}
			v["low"] = fields{"l1": 3}
		}),
		"no number of a region with samples": edit(func(v fields) { v["many"] = fields{"l1": nil} }),
		"an unknown figure":                  edit(func(v fields) { v["many"] = fields{"r2": 1} }),
	} {
		if r := checkVariant(t, "metrics_age.json", change); r.Passed() {
			t.Errorf("%s: passed", name)
		}
	}
	for file, change := range map[string]func(fields){
		"srl.json":   func(v fields) { v["variant"] = "dfr_simple, nyud2" },
		"uvote.json": func(v fields) { v["variant"] = "nyud2" }, "dist_loss.json": func(v fields) { v["base"] = "l3" },
	} {
		r := checkVariant(t, file, func(content any) any {
			for _, c := range content.([]any) {
				change(c.(fields))
			}
			return content
		})
		if !strings.Contains(r.Error, "expected") || strings.Contains(r.Error, "runtime") {
			t.Errorf("%s with an unknown variant: error %q", file, r.Error)
		}
	}
	unknown := edit(func(v fields) { v["cases"].([]any)[0].(fields)["reweight"] = "cube" })
	if r := checkVariant(t, "weights_age.json",
		unknown); r.Error != `reweight "cube": expected inverse, sqrt_inv or none` {
		t.Errorf("error %q", r.Error)
	}
}
