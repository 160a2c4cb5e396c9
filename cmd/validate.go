package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/preflight"
)

type validateOptions struct {
	suite string
	quick bool
	json  bool
	plan  plan.Options
}

func newValidateCmd() *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate --suite NAME|FILE.yaml",
		Short: "Check that every run of a suite can start, before hours are spent",
		Long: `Check a suite and everything that its runs need: every mistake in the file with its line, the datasets (as
dirbench data verify does), word vectors and pretrained encoders, disk space, and, for each method of each benchmark, a
rehearsal: the run in small on the pure Go backend, from loading the first rows of the dataset through one training step
on inputs of small size to its results. Twins are generated. All problems are listed, not only the first.

Contents of large datasets and rehearsals of large networks take minutes; --quick leaves both out.

EXIT STATUS
  0    all runs can start
  1    some cannot; the problems are on stdout
  2    usage, or mistakes in the suite
  130  interrupted`,
		Example: `  dirbench validate --suite mine.yaml
  dirbench validate --suite paper-sts-b --embeddings glove.840B.300d.txt --data /data/dir
  dirbench validate --suite paper --quick --json`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runValidate(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.plan.Data)
	addSuiteFlag(cmd, &o.suite)
	addFileFlags(cmd, &o.plan.Load)
	flags := cmd.Flags()
	flags.StringVar(&o.plan.Out, "out", defaultOut, "root of the run store, for its disk space")
	flags.BoolVar(&o.quick, "quick", false,
		"leave out the contents of datasets, the rehearsals and the estimate of disk space")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// validation is what validate prints as JSON.
type validation struct {
	Mistakes plan.Mistakes `json:"mistakes"` // in the suite; if there are any nothing else is checked
	preflight.SuiteReport
}

func runValidate(ctx context.Context, o validateOptions, stdout, stderr io.Writer) error {
	if o.suite == "" {
		return usagef("--suite is missing: name a built-in suite or a YAML file")
	}
	suites, err := loadSuites(o.suite)
	mistakes := plan.Mistakes{}
	if err != nil && !errors.As(err, &mistakes) {
		return usage(err)
	}
	v := validation{Mistakes: mistakes, SuiteReport: preflight.SuiteReport{Findings: []preflight.Finding{}}}
	if len(mistakes) == 0 {
		if v.SuiteReport, err = checkSuites(ctx, o, suites, stderr); err != nil {
			return err
		}
	}
	if err := printValidation(stdout, v, o.json); err != nil {
		return err
	}
	problems := preflight.Count(v.Findings, preflight.Problem)
	switch {
	case len(mistakes) > 0:
		return usagef("suite %s: %s", o.suite, count(len(mistakes), "mistake"))
	case problems > 0:
		return fmt.Errorf("%s: %d of %d runs can start", count(problems, "problem"), v.Ready, v.Runs)
	}
	fmt.Fprintf(stderr, "all %d runs can start\n", v.Runs)
	return nil
}

// checkSuites checks suites without a mistake.
func checkSuites(ctx context.Context, o validateOptions, suites []*plan.Suite, stderr io.Writer) (
	report preflight.SuiteReport, err error) {
	check := preflight.SuiteCheck{
		Plan: o.plan, Note: func(text string) { fmt.Fprintln(stderr, text) },
		Progress: func() (func(int, int), func()) { return newProgress(stderr, "samples") },
	}
	if !o.quick {
		if check.Backend, _, err = backend.Open("go"); err != nil {
			return report, err
		}
		defer check.Backend.Finalize()
		if check.Scratch, err = os.MkdirTemp("", "dirbench-validate-*"); err != nil {
			return report, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(check.Scratch)) }()
	}
	return check.Check(ctx, suites)
}

func printValidation(w io.Writer, v validation, asJSON bool) error {
	if asJSON {
		return printJSON(w, v)
	}
	for _, m := range v.Mistakes {
		if _, err := fmt.Fprintln(w, m); err != nil {
			return err
		}
	}
	return printFindings(w, v.Findings)
}
