package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dirbench/dirbench/configs"
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
	shard := plan.Shard{Count: 1}
	if o.shard != "" {
		if shard, err = plan.ParseShard(o.shard); err != nil {
			return nil, usagef("--%w", err)
		}
	}
	runs, err := plan.Plan(suites, o.plan)
	if err != nil {
		return nil, err
	}
	for _, absent := range plan.Absences(suites, o.plan) {
		fmt.Fprintf(stderr, "left out: %s\n", absent)
	}
	return shard.Of(runs), nil
}

// loadSuites reads a suite, or those that it names in place of benchmarks.
func loadSuites(name string) ([]*plan.Suite, error) {
	suite, err := loadSuite(name)
	if err != nil || len(suite.Suites) == 0 {
		return []*plan.Suite{suite}, err
	}
	var parts []*plan.Suite
	for _, name := range suite.Suites {
		part, err := loadSuite(name)
		if err == nil && len(part.Suites) > 0 {
			err = fmt.Errorf("suite %s names suites itself: expected benchmarks", name)
		}
		if err != nil {
			return nil, fmt.Errorf("suite %s: %w", suite.Name, err)
		}
		parts = append(parts, part)
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
	Missing    string `json:"missing,omitempty"` // the hash will be another one when it is there
	Dir        string `json:"dir"`
}

func printPlan(w io.Writer, runs []*plan.Run, asJSON bool) error {
	var rows []plannedRun
	for _, run := range runs {
		row := plannedRun{Run: run.Name(), Hash: run.Hash, Epochs: run.Epochs(), Steps: run.Steps(), Dir: run.Dir, Missing: run.Missing}
		if run.First != nil {
			row.FirstStage = run.First.Name()
		}
		rows = append(rows, row)
	}
	if asJSON {
		return printJSON(w, rows)
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RUN\tHASH\tEPOCHS\tSTEPS\tFIRST STAGE\tMISSING")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%.8s\t%d\t%d\t%s\t%s\n", row.Run, row.Hash, row.Epochs, row.Steps, row.FirstStage, row.Missing)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}
