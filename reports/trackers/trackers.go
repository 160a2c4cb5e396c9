// Package trackers writes runs as files that experiment trackers open: event files of TensorBoard and the file store of
// MLflow. Both hold the loss, the validation metric and the learning rate of each validation, the final metrics by
// region, and the settings of each run. Writing the same runs again replaces their files.
package trackers

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// Formats write runs into a folder, by the name of the tracker.
var Formats = map[string]func(folder string, runs []store.Run) error{
	"tensorboard": TensorBoard,
	"mlflow":      MLflow,
}

// point is a value of a series. Its step counts validations from 1, of which there may be several an epoch.
type point struct {
	step  int
	at    time.Time
	value float64
}

// series is a named course of values.
type series struct {
	name   string // of parts with slashes between them: "test/MAE/few"
	points []point
}

// tracked is what a tracker shows of a run.
type tracked struct {
	store.Run
	settings   map[string]string // by dotted names, and what identifies the run
	series     []series
	start, end time.Time
}

// track reads the events of a run and lists what trackers show. Values that are undefined are left out.
func track(run store.Run) (tracked, error) {
	t := tracked{Run: run}
	events, err := store.ReadEvents(run.Dir)
	if err != nil {
		return t, err
	}
	if t.settings, err = run.Settings(); err != nil {
		return t, err
	}
	m := run.Manifest
	for name, value := range map[string]string{
		"suite": m.Suite, "benchmark": m.Benchmark, "dataset": m.Dataset.Name, "scale": m.Scale, "semantics": m.Fidelity,
		"method": m.Method, "seed": fmt.Sprint(m.Seed),
	} {
		if value != "" {
			t.settings[name] = value
		}
	}
	t.start = m.Started
	t.end = t.start
	t.training(events)
	t.results(max(1, len(events)))
	return t, nil
}

// training adds the series of the validations.
func (t *tracked) training(events []store.Event) {
	loss, val, rate := series{name: "loss/train"}, series{name: "validation/metric"}, series{name: "learning_rate"}
	if m := t.Manifest.Selection.Metric; m != "" {
		val.name = "validation/" + string(m)
	}
	for i, e := range events {
		t.end = t.end.Add(time.Duration(e.Seconds * float64(time.Second)))
		for _, add := range []struct {
			to    *series
			value float64
		}{{&loss, float64(e.Loss)}, {&val, float64(e.Val)}, {&rate, e.LR}} {
			if metrics.Value(add.value).Defined() {
				add.to.points = append(add.to.points, point{i + 1, t.end, add.value})
			}
		}
	}
	for _, s := range []series{loss, val, rate} {
		if len(s.points) > 0 {
			t.series = append(t.series, s)
		}
	}
}

// results adds the final metrics of each split by region, at the last step.
func (t *tracked) results(step int) {
	for _, split := range slices.Sorted(maps.Keys(t.Results)) {
		for _, m := range metrics.Known {
			for _, region := range metrics.Regions {
				value, ok := t.Results[split][region].Values[m]
				if ok && value.Defined() {
					name := fmt.Sprintf("%s/%s/%s", split, m, region)
					t.series = append(t.series, series{name, []point{{step, t.end, float64(value)}}})
				}
			}
		}
	}
}
