package cmd

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

type featuresOptions struct {
	runs    []string
	anchor  float64 // NaN: the default
	data    string
	vectors string
	backend string
	plot    string
	json    bool
}

func newAnalyzeFeaturesCmd() *cobra.Command {
	o := featuresOptions{}
	cmd := &cobra.Command{
		Use:   "features RUN...",
		Short: "Compare the features of each label, and the training error, before and after FDS",
		Long: `Run the encoders of finished runs over the training split of their dataset, take the mean and variance of the
features of each label bin, and print how similar they are to those of an anchor bin: the evidence of Yang et al. 2021
(figures 4 and 6) that features of rare labels inherit the statistics of frequent ones, and that FDS makes similarity
fall with the distance of labels. A run is named by its folder; a folder that holds several, such as a method's, stands
for all that are done. All must be of one dataset. Features of a run with FDS are compared twice: as its encoder makes
them, and calibrated by the statistics that its checkpoint holds, as its regressor saw them in training.

Beside them stands the training error: of the regressor's predictions from these features, without augmentation or
dropout. Test samples are never calibrated, so the error before calibration is the one to compare with the test error.
Where the error of calibrated features is far lower, the regressor reads the label's bin out of the calibration.

The anchor is the bin of --anchor, else of age 30, or for other labels than ages the bin with most training samples.
--plot draws both similarities against the label, over the training density and the shot regions.

The dataset is found below --data by the SHA-256 of its files: it must be the one that the run was trained on. On
NYUD2-DIR features are counted per pixel, over the frames in which FDS measures its statistics.

EXIT STATUS
  0    success
  1    a run, its dataset or the backend cannot be used
  2    usage
  130  interrupted`,
		Example: `  dirbench analyze features results/smoke/agedb-dir/vanilla/seed=0 results/smoke/agedb-dir/fds/seed=0 --plot features.svg
  dirbench analyze features results/mine/sts-b-dir/fds --embeddings glove.6B.100d.txt --anchor 4 --json`,
		Args: arguments(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.runs = args
			if !cmd.Flags().Changed("anchor") {
				o.anchor = math.NaN()
			}
			return runAnalyzeFeatures(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.data)
	flags := cmd.Flags()
	flags.Float64Var(&o.anchor, "anchor", 0,
		"label whose bin is the anchor (default: 30 for ages, else where most training samples are)")
	flags.StringVar(&o.vectors, "embeddings", "", "the word vectors that the runs were trained with, if they were")
	flags.StringVar(&o.backend, "backend", "auto", "backend, as for dirbench run")
	flags.StringVar(&o.plot, "plot", "", "draw the similarities into this file, .svg or .png")
	flags.BoolVar(&o.json, "json", false, "print JSON, with every bin")
	return cmd
}

func runAnalyzeFeatures(ctx context.Context, o featuresOptions, stdout, stderr io.Writer) error {
	if err := checkPlot(o.plot); err != nil {
		return err
	}
	runs, err := finishedRuns(o.runs)
	if err != nil {
		return err
	}
	if o.plot != "" && len(runs) > charts.Colours {
		return usagef("--plot: %d runs: a figure has colours for %d: name some of them", len(runs), charts.Colours)
	}
	anchor, err := analysis.Anchor(runs[0].Manifest.Dataset, o.anchor)
	if err != nil {
		return usagef("--anchor: %w", err)
	}
	backend, err := openBackend(o.backend)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	report := analysis.NewFeatureReport(runs[0].Manifest, anchor)
	names := runNames(runs)
	for i, run := range runs {
		series, err := o.compare(ctx, backend, run, names[i], anchor, stderr)
		if err != nil {
			return err
		}
		report.Series = append(report.Series, series...)
	}
	if o.plot != "" {
		smoothing, err := analysis.SmoothingOf(runs[0])
		if err != nil {
			return err
		}
		if err := savePlot(o.plot, featureChart(report, charts.NewLabels(runs[0].Manifest.Dataset, smoothing)),
			stderr); err != nil {
			return err
		}
	}
	if o.json {
		return printJSON(stdout, report)
	}
	return printSheets(stdout, []reports.Sheet{report.Sheet()}, "")
}

// compare returns the similarities of a run's features, and of its calibrated ones if it has any.
func (o featuresOptions) compare(ctx context.Context, backend compute.Backend, run store.Run, name string, anchor int,
	stderr io.Writer) (
	[]analysis.FeatureSimilarity, error) {
	fmt.Fprintf(stderr, "features of %s on backend %s\n", name, backend)
	show, end := newProgress(stderr, "samples")
	stats, err := train.Features(ctx, backend, run, train.FeatureOptions{
		Data: o.data, Embeddings: o.vectors, Note: func(text string) { fmt.Fprintln(stderr, text) }, Progress: show,
	})
	end()
	if err != nil {
		return nil, err
	}
	before := name
	if stats.Calibrated != nil {
		before += ", before calibration"
	}
	list, err := similarity(run, stats.Features, before, analysis.OfEncoder, anchor)
	if err != nil || stats.Calibrated == nil {
		return list, err
	}
	after, err := similarity(run, *stats.Calibrated, name+", calibrated", analysis.Calibrated, anchor)
	return append(list, after...), err
}

func similarity(run store.Run, s train.BucketStatistics, name, features string, anchor int) (
	[]analysis.FeatureSimilarity, error) {
	compared, err := analysis.CompareFeatures(run.Manifest.Dataset, analysis.Buckets(s), anchor)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", run.Dir, err)
	}
	compared.Name, compared.Run, compared.Features = name, run.Dir, features
	return []analysis.FeatureSimilarity{compared}, nil
}

// finishedRuns returns the runs that are done in the folders, at least one in each, all of one dataset.
func finishedRuns(folders []string) ([]store.Run, error) {
	var runs []store.Run
	for _, folder := range folders {
		found, damaged, err := readStore(folder)
		if err != nil {
			return nil, err
		}
		if err := damagedError(damaged); err != nil {
			return nil, err
		}
		done := slices.DeleteFunc(slices.Clone(found), func(r store.Run) bool { return r.Status.State != store.Done })
		if len(done) == 0 {
			return nil, fmt.Errorf("%s: the run is %s: expected one that is done", found[0].Dir, found[0].Status.State)
		}
		runs = append(runs, done...)
	}
	first := runs[0].Manifest
	for _, r := range runs[1:] {
		m := r.Manifest
		if m.Benchmark != first.Benchmark || !m.Dataset.LabelSpace.Equal(first.Dataset.LabelSpace) ||
			m.Dataset.Files[string(datasets.Train)] != first.Dataset.Files[string(datasets.Train)] {
			return nil, usagef("%s and %s are runs of different datasets: name those of one "+
				"(predict and export: SUITE/BENCHMARK:DATASET/METHOD/SEED)", runs[0].Dir, r.Dir)
		}
	}
	return runs, nil
}

// runNames names runs by what they differ in: method, then seed, then what a suite changed in the recipe, then the
// hash.
func runNames(runs []store.Run) []string {
	names := make([]string, len(runs))
	oneSeed := !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Manifest.Seed != runs[0].Manifest.Seed })
	for i, r := range runs {
		if names[i] = r.Manifest.Method; !oneSeed {
			names[i] += fmt.Sprintf(" seed %d", r.Manifest.Seed)
		}
	}
	names = tellApart(names, func(i int) string { return strings.Join(reports.ChangedSettings(runs[i]), ", ") })
	return tellApart(names, func(i int) string { return fmt.Sprintf("%.8s", runs[i].Manifest.Hash) })
}

// tellApart adds what is known of it, if anything, to each name that occurs more than once.
func tellApart(names []string, known func(i int) string) []string {
	apart := slices.Clone(names)
	for i, name := range names {
		text := known(i)
		if text != "" && (slices.Index(names, name) != i || slices.Contains(names[i+1:], name)) {
			apart[i] += " (" + text + ")"
		}
	}
	return apart
}

func featureChart(r analysis.FeatureReport, labels charts.Labels) charts.Grid {
	space := labels.Space
	var series []charts.FeatureSeries
	colours := map[string]int{}
	for _, s := range r.Series {
		if _, there := colours[s.Run]; !there {
			colours[s.Run] = len(colours)
		}
		line := charts.FeatureSeries{Name: s.Name, Colour: colours[s.Run], Dashed: s.Features == analysis.Calibrated}
		for _, b := range s.Bins {
			line.Label = append(line.Label, space.Middle(b.Bin))
			line.Mean, line.Variance = append(line.Mean, float64(b.Mean)), append(line.Variance, float64(b.Variance))
		}
		series = append(series, line)
	}
	return charts.Features(r.Title+": features by label", space.Middle(r.Anchor), labels, series)
}
