package conformance

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// scoresByName are the official figures of one region by their own names; nil: no number, of a region without samples.
type scoresByName map[string]*float64

// metricNames maps the official code's names, lower case, to ours; the others are sample counts, "num…".
var metricNames = map[string]metrics.Metric{
	"mse": metrics.MSE, "l1": metrics.MAE, "mae": metrics.MAE, "gmean": metrics.GM, "pearsonr": metrics.Pearson,
	"spearmanr": metrics.Spearman, "rmse": metrics.RMSE, "abs_rel": metrics.AbsRel, "lg10": metrics.Log10,
	"delta1": metrics.Delta1, "delta2": metrics.Delta2, "delta3": metrics.Delta3,
}

var regionNames = map[string]datasets.Region{
	"overall": metrics.All, "many": datasets.Many, "medium": datasets.Medium, "median": datasets.Medium,
	"few": datasets.Few, "low": datasets.Few,
}

func (c *comparison) addScores(got metrics.ByRegion, official map[string]scoresByName) error {
	for region, scores := range official {
		for name, want := range scores {
			ours := got[regionNames[region]]
			value := float64(ours.N)
			if metric, known := metricNames[strings.ToLower(name)]; known {
				value = float64(ours.Values[metric])
			} else if !strings.HasPrefix(strings.ToLower(name), "num") {
				return fmt.Errorf("%s: figure %q is unknown", region, name)
			}
			switch {
			case want == nil && !math.IsNaN(value) && value != 0:
				return fmt.Errorf("%s %s: %g, the vector has no number", region, name, value)
			case want == nil:
				c.values++
			default:
				if err := c.add(region+" "+name, []float64{value}, []float64{*want}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkAgeMetrics(c *comparison, content []byte) error {
	var v struct {
		trainLabels
		Labels []float32 `json:"test_labels"`
		Preds  []float32
		Many   int `json:"many_thr"`
		Few    int `json:"few_thr"`

		Overall scoresByName
		ManyS   scoresByName `json:"many"`
		Median  scoresByName
		Low     scoresByName
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	space := datasets.AgeSpace()
	// The official code compares with the training count of the very age, however high.
	space.Max = max(space.Max, float64(slices.Max(append(v.Labels, 0))))
	space.Bins = 1 + int(space.Max)
	counts, err := v.trainLabels.counts(space)
	if err != nil {
		return err
	}
	rule := datasets.ShotRule{Many: v.Many, Few: v.Few}
	got := evaluate(space, v.Labels, v.Preds, rule.Regions(counts), metrics.ZeroMakesZero)
	return c.addScores(got, map[string]scoresByName{"overall": v.Overall, "many": v.ManyS, "median": v.Median,
		"low": v.Low})
}

func evaluate(space datasets.LabelSpace, labels, preds []float32, regions []datasets.Region,
	zero metrics.ZeroPolicy) metrics.ByRegion {
	return metrics.Evaluate(labels, preds, bins[int](space, labels), regions, metrics.Options{GMZero: zero})
}

func checkSTSBMetrics(c *comparison, content []byte) error {
	var v struct {
		Labels []float32 `json:"test_labels"`
		Preds  []float32 `json:"preds_times_5"`
		Shots  map[string]scoresByName
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	space := datasets.STSBSpace()
	regions := datasets.STSBShots().Regions(make([]int, space.Bins))
	return c.addScores(evaluate(space, v.Labels, v.Preds, regions, metrics.ZeroAsEpsilon), v.Shots)
}

func checkNYUD2Metrics(c *comparison, content []byte) error {
	var v struct {
		Depth, Pred []float32
		Shots       map[string]scoresByName
		Index       map[string][]int `json:"shot_idx"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	space := datasets.LabelSpace{Min: 0, Max: 10, Rule: datasets.BinWidth, Bins: 100, Width: 0.1}
	rule := datasets.ShotRule{ManyBins: v.Index["many"], MediumBins: v.Index["medium"]}
	if err := rule.Validate(space.Bins); err != nil {
		return fmt.Errorf("shot_idx: %w", err)
	}
	regions := rule.Regions(make([]int, space.Bins))
	return c.addScores(metrics.EvaluateDepth(v.Depth, v.Pred, bins[int](space, v.Depth), regions), v.Shots)
}
