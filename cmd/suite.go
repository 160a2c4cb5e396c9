package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
)

// loadPlan plans a suite and says what of it is left out.
func loadPlan(o runOptions, stderr io.Writer) ([]*plan.Run, error) {
	if o.suite == "" {
		return nil, usagef("--suite is missing: name a built-in suite or a YAML file")
	}
	suites, err := loadSuites(o.suite)
	if err != nil {
		return nil, usage(err)
	}
	if o.dataset != "" {
		if err := replaceDataset(suites, o.dataset); err != nil {
			return nil, err
		}
	}
	shard := plan.Shard{Count: 1}
	if o.shard != "" {
		if shard, err = plan.ParseShard(o.shard); err != nil {
			return nil, usagef("--%w", err)
		}
	}
	if !o.dryRun {
		if err := execute.MakeDatasets(plan.ToMake(suites, o.plan),
			func(text string) { fmt.Fprintln(stderr, text) }); err != nil {
			return nil, err
		}
	}
	runs, err := plan.New(suites, o.plan)
	if err != nil {
		return nil, err
	}
	said := map[string]bool{} // entries of one benchmark have the same reasons
	for _, absent := range plan.Absences(suites, o.plan) {
		if text := fmt.Sprint(absent); !said[text] {
			said[text] = true
			fmt.Fprintf(stderr, "left out: %s\n", text)
		}
	}
	return shard.Of(runs), nil
}

// replaceDataset makes the one dataset that suites name another one.
func replaceDataset(suites []*plan.Suite, name string) error {
	if len(suites) != 1 || len(suites[0].Entries) != 1 || suites[0].Entries[0].Twin != nil {
		return usagef("--dataset %s: expected a suite with one entry in benchmarks, and no twin", name)
	}
	suites[0].Entries[0].Dataset = name
	return nil
}

// loadSuites reads a suite, or those that it names in place of benchmarks.
func loadSuites(name string) ([]*plan.Suite, error) {
	suite, err := loadSuite(name)
	if err != nil || len(suite.Suites) == 0 {
		return []*plan.Suite{suite}, err
	}
	var parts []*plan.Suite
	var mistakes plan.Mistakes
	for _, name := range suite.Suites {
		part, err := loadSuite(name)
		var found plan.Mistakes
		if errors.As(err, &found) {
			mistakes = append(mistakes, found...)
			continue
		}
		if err == nil && len(part.Suites) > 0 {
			err = fmt.Errorf("suite %s names suites itself: expected benchmarks", name)
		}
		if err != nil {
			return nil, fmt.Errorf("suite %s: %w", suite.Name, err)
		}
		parts = append(parts, part)
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return parts, nil
}

func loadSuite(name string) (*plan.Suite, error) {
	content, err := configs.Read(name)
	if err != nil {
		return nil, err
	}
	return plan.ParseSuite(name, content)
}

// plannedRun is a line of the dry run.
type plannedRun struct {
	Run        string `json:"run"`
	Hash       string `json:"hash"`
	Epochs     int    `json:"epochs"`
	Steps      int    `json:"steps"`
	FirstStage string `json:"first_stage,omitempty"`
	Varies     string `json:"varies,omitempty"`  // its settings of a sweep
	Missing    string `json:"missing,omitempty"` // the hash will be another one when it is there
	Dir        string `json:"dir"`
}

// noteMissing says what of a dry run's list is not final.
func noteMissing(w io.Writer, runs []*plan.Run) {
	if slices.ContainsFunc(runs, func(r *plan.Run) bool { return r.Missing != "" }) {
		fmt.Fprintln(w, "HASH and STEPS are provisional where something is MISSING")
	}
}

func printPlan(w io.Writer, runs []*plan.Run, asJSON bool) error {
	var rows []plannedRun
	for _, run := range runs {
		row := plannedRun{
			Run: run.Name(), Hash: run.Hash, Epochs: run.Epochs(), Steps: run.Steps(), Dir: run.Dir,
			Varies: run.Varies, Missing: run.Missing,
		}
		if run.First != nil {
			row.FirstStage = run.First.Name()
		}
		rows = append(rows, row)
	}
	if asJSON {
		return printJSON(w, rows)
	}
	lines := [][]string{{"RUN", "HASH", "EPOCHS", "STEPS", "VARIES", "FIRST STAGE", "MISSING"}}
	for _, row := range rows {
		lines = append(lines, []string{
			row.Run, row.Hash[:8], strconv.Itoa(row.Epochs), strconv.Itoa(row.Steps), row.Varies, row.FirstStage, row.Missing,
		})
	}
	return printTable(w, withoutEmpty(lines, "VARIES"))
}

// withoutEmpty drops a column in which no row has anything; the first row has the names.
func withoutEmpty(rows [][]string, column string) [][]string {
	at := slices.Index(rows[0], column)
	if slices.ContainsFunc(rows[1:], func(row []string) bool { return row[at] != "" }) {
		return rows
	}
	for i := range rows {
		rows[i] = slices.Delete(rows[i], at, at+1)
	}
	return rows
}
