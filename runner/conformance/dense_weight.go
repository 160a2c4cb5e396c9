package conformance

import (
	"fmt"

	"github.com/dirbench/dirbench/methods"
)

func checkDenseWeight(c *comparison, content []byte) error {
	var cases []struct {
		Case        string
		Alpha, Eps  float64
		Bandwidth   *float64
		GridPoints  int       `json:"grid_points"`
		Labels      []float64 `json:"train_labels"`
		Support     float64   `json:"kernel_support"`
		Low         float64   `json:"grid_min"`
		High        float64   `json:"grid_max"`
		Mean        float64   `json:"mean_raw_weight"`
		Weights     []float64 `json:"train_weights"`
		EvalLabels  []float64 `json:"eval_labels"`
		EvalWeights []float64 `json:"eval_weights"`
		Density     []float64 `json:"density_grid"`
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, v := range cases {
		name := fmt.Sprintf("%d: %s", i, v.Case)
		settings := methods.DenseWeight{Alpha: v.Alpha, Eps: v.Eps, GridPoints: v.GridPoints, Support: v.Support}
		if v.Bandwidth != nil {
			settings.Bandwidth = *v.Bandwidth
		}
		w, err := settings.Fit(v.Labels)
		if v.Weights == nil {
			if err := c.refused(name, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		got := [][]float64{{w.Grid[0], w.Grid[len(w.Grid)-1]}, w.Density, {w.MeanRaw}, mapped(v.Labels, w.Weight),
			mapped(v.EvalLabels, w.Weight)}
		if err := c.addResults(name, got, expected{"grid", []float64{v.Low, v.High}}, expected{"density", v.Density},
			expected{"mean raw weight", []float64{v.Mean}}, expected{"training weights", v.Weights},
			expected{"weights", v.EvalWeights}); err != nil {
			return err
		}
	}
	return nil
}
