package preflight

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
)

// SuiteCheck looks at everything that the runs of suites need, without training them.
type SuiteCheck struct {
	Plan plan.Options
	// Backend executes the rehearsals; nil: neither rehearsals nor the contents of datasets, which take long.
	Backend compute.Backend
	// Scratch is an empty folder for the rehearsals.
	Scratch string
	// Note tells what is being done; Progress begins to show how many samples of a dataset are checked.
	Note     func(text string)
	Progress func() (show func(done, total int), end func())

	report     SuiteReport
	datasets   map[string]bool // folders that were checked: whether they can be used
	checkpoint int64           // bytes of the largest one
}

// SuiteReport is what a SuiteCheck found.
type SuiteReport struct {
	Findings []Finding `json:"findings"`
	Runs     int       `json:"runs"`
	Ready    int       `json:"ready"` // runs that can start
	Bytes    int64     `json:"bytes"` // what the results of the runs that were rehearsed take at most
}

// Check checks all runs of the suites. The error is only about ctx.
func (c *SuiteCheck) Check(ctx context.Context, suites []*plan.Suite) (SuiteReport, error) {
	c.report, c.datasets = SuiteReport{Findings: []Finding{}}, map[string]bool{}
	c.Plan.Preview = true
	for _, suite := range suites {
		for i := range suite.Entries {
			one := *suite
			one.Entries = suite.Entries[i : i+1]
			if err := c.entry(ctx, &one); err != nil {
				return c.report, err
			}
		}
	}
	c.disk()
	return c.report, nil
}

func (c *SuiteCheck) add(f Finding) { c.report.Findings = append(c.report.Findings, f) }

// entry checks the runs of a suite of one benchmark.
func (c *SuiteCheck) entry(ctx context.Context, suite *plan.Suite) error {
	entry := suite.Entries[0]
	for _, absent := range plan.Absences([]*plan.Suite{suite}, c.Plan) {
		c.add(bad(Absent, "left out", "", "%s", absent))
	}
	missing := plan.ToMake([]*plan.Suite{suite}, c.Plan)
	if len(missing) > 0 && c.Backend != nil {
		if err := execute.MakeDatasets(missing, c.Note); err != nil {
			c.add(bad(Problem, entry.Benchmark, "", "%s", oneLine(err.Error())))
			return nil
		}
	}
	runs, err := plan.New([]*plan.Suite{suite}, c.Plan)
	var selection plan.SelectionError
	if errors.As(err, &selection) && len(plan.Absences([]*plan.Suite{suite}, c.Plan)) > 0 {
		return nil // no method of it applies
	}
	if err != nil {
		c.add(bad(Problem, entry.Benchmark, "", "%s", oneLine(err.Error())))
		c.report.Runs += len(suite.Seeds) * max(len(entry.Methods), len(suite.Methods))
		return nil
	}
	c.report.Runs += len(runs)
	if runs[0].Dataset == nil && len(missing) > 0 {
		return c.unmade(suite, runs)
	}
	if usable, err := c.dataset(ctx, filepath.Join(c.Plan.Data, entry.Dataset)); err != nil || !usable {
		return err
	}
	if missing := runs[0].Missing; missing != "" {
		c.add(bad(Problem, entry.Benchmark, "give the file with --embeddings or --encoder", "%s: %s missing", scope(runs),
			missing))
		return nil
	}
	if c.Backend == nil {
		c.report.Ready += len(runs)
		c.add(ok(entry.Benchmark, "%s can start as far as a quick look tells", scope(runs)))
		return nil
	}
	return c.rehearse(ctx, runs)
}

// unmade checks runs, in a quick look, whose dataset a run makes.
func (c *SuiteCheck) unmade(suite *plan.Suite, runs []*plan.Run) error {
	benchmark := suite.Entries[0].Benchmark
	if err := plan.CheckFiles([]*plan.Suite{suite}, c.Plan); err != nil {
		c.add(bad(Problem, benchmark, "", "%s", oneLine(err.Error())))
		return nil
	}
	made := "dataset"
	if suite.Entries[0].Twin != nil {
		made = "synthetic twin"
	}
	c.report.Ready += len(runs)
	c.add(ok(benchmark, "%s can start as far as a quick look tells; their %s is made when they do", scope(runs), made))
	return nil
}

// scope says what the runs of one benchmark consists of: "30 runs of 3 methods".
func scope(runs []*plan.Run) string {
	methods := map[string]bool{}
	for _, run := range runs {
		methods[run.Config.Method] = true
	}
	return fmt.Sprintf("%s of %s", english.Plural(len(runs), "run", ""), english.Plural(len(methods), "method", ""))
}

// outcome is how the rehearsal of a method went.
type outcome struct {
	Rehearsal
	failure string // empty: it went well
}

// rehearse executes one run of each method in small.
func (c *SuiteCheck) rehearse(ctx context.Context, runs []*plan.Run) error {
	rehearser := &Rehearser{Backend: c.Backend, Dir: filepath.Join(c.Scratch, fmt.Sprint(len(c.report.Findings)))}
	outcomes, stages := map[string]outcome{}, map[*plan.Run]bool{}
	for _, run := range runs {
		stages[run.First] = true
	}
	var methods []string
	for _, run := range runs {
		method := run.Config.Method
		if _, there := outcomes[method]; !there {
			c.Note("rehearsing " + run.Config.Benchmark + "/" + method)
			rehearsal, err := rehearser.Rehearse(ctx, run)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			o := outcome{Rehearsal: rehearsal}
			if err != nil {
				o.failure = oneLine(err.Error())
			}
			if !stages[run] { // checkpoints add up to a lot of disk
				os.RemoveAll(o.Dir)
			}
			o.Checkpoint += run.Config.Recipe.Input().Traits().VocabularyBytes
			outcomes[method], methods = o, append(methods, method)
		}
		if o := outcomes[method]; o.failure == "" {
			c.report.Ready++
			c.report.Bytes += o.Checkpoint + run.PredictionBytes()
			c.checkpoint = max(c.checkpoint, o.Checkpoint)
		}
	}
	c.addRehearsals(runs[0].Config.Benchmark, methods, outcomes)
	return nil
}

// addRehearsals adds a row for each method, one for all that failed alike.
func (c *SuiteCheck) addRehearsals(benchmark string, methods []string, outcomes map[string]outcome) {
	for i, method := range methods {
		o := outcomes[method]
		if o.failure == "" {
			c.add(ok(benchmark+"/"+method, "rehearsed in %.1f s, checkpoint %s", o.Seconds, size(o.Checkpoint)))
			continue
		}
		alike := slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return outcomes[m].failure != o.failure })
		if alike[0] == methods[i] {
			c.add(bad(Problem, benchmark, "", "%s: %s", strings.Join(alike, ", "), o.failure))
		}
	}
}

// resumeCopies is how many times the variables of a network lie on disk while it trains, beside its results: in two
// checkpoints and the one being written, each with the current ones, the best ones and Adam's two moments.
const resumeCopies = 3 * 4

// disk compares what the runs will write with the space there is.
func (c *SuiteCheck) disk() {
	if c.Backend == nil {
		c.add(bad(Absent, "disk", "", "need not estimated: leave out --quick"))
		return
	}
	need := c.report.Bytes + resumeCopies*c.checkpoint
	text := fmt.Sprintf("%s: %s take about %s, with one run at a time", c.Plan.Out,
		english.Plural(c.report.Ready, "run", ""), size(need))
	free, err := FreeSpace(c.Plan.Out)
	switch {
	case err != nil:
		c.add(bad(Problem, "disk", "choose another --out", "%v", err))
	case uint64(need) > free:
		c.add(bad(Problem, "disk", "free disk space or choose another --out", "%s; %s are free", text, size(free)))
	default:
		c.add(ok("disk", "%s; %s are free", text, size(free)))
	}
}

// shownProblems is how many problems of a dataset are listed.
const shownProblems = 10

// dataset checks a dataset once and tells whether runs can use it.
func (c *SuiteCheck) dataset(ctx context.Context, dir string) (usable bool, err error) {
	if usable, checked := c.datasets[dir]; checked {
		return usable, nil
	}
	topic := "dataset " + filepath.Base(dir)
	d, err := datasets.Open(dir)
	if err != nil {
		c.datasets[dir] = false
		c.add(bad(Problem, topic, "make it, or name the root of the datasets with --data", "%s", oneLine(err.Error())))
		return false, nil
	}
	rows := 0
	for _, split := range d.Meta.Splits {
		rows += split.Rows
	}
	problems, text := lostFiles(d), english.Plural(rows, "sample", "")+", contents not checked"
	if c.Backend != nil {
		c.Note("checking " + dir)
		if problems, err = c.verify(ctx, d, rows); err != nil {
			return false, err
		}
		text = english.Plural(rows, "sample", "") + ", contents checked"
	}
	for i, p := range problems {
		if i == shownProblems {
			c.add(bad(Problem, topic, "dirbench data verify "+dir+" lists all", "and %d more", len(problems)-i))
			break
		}
		c.add(bad(Problem, topic, "", "%s", p))
	}
	c.datasets[dir] = len(problems) == 0
	if len(problems) == 0 {
		c.add(ok(topic, "%s", text))
	}
	return len(problems) == 0, nil
}

func (c *SuiteCheck) verify(ctx context.Context, d *datasets.Dataset, total int) ([]datasets.Problem, error) {
	show, end := c.Progress()
	defer end()
	before, sum := map[datasets.Split]int{}, 0
	for _, split := range datasets.Splits {
		before[split] = sum
		sum += d.Meta.Splits[split].Rows
	}
	return d.Verify(ctx, func(split datasets.Split, rows int) { show(before[split]+rows, total) })
}

// lostFiles returns the files of a dataset that are not there.
func lostFiles(d *datasets.Dataset) (problems []datasets.Problem) {
	for _, split := range datasets.Splits {
		for _, file := range d.Files(split) {
			if _, err := os.Stat(file); err != nil {
				problems = append(problems, datasets.Problem{File: filepath.Base(file), Message: "the file is missing"})
			}
		}
	}
	return problems
}
