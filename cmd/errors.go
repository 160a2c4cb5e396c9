package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
)

// The exit codes, documented in the root command's help and the README.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitRunsFailed  = 3
	exitRegression  = 4
	exitInterrupted = 130
)

// usageError marks a mistake in what the user typed or in a suite file: flags, names, fields.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage marks err as a usage error; nil stays nil.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errRunsFailed ends a suite in which some runs failed; the failure table has been printed by then.
var errRunsFailed = errors.New("some runs failed")

// errInterrupted ends a command that a signal stopped.
var errInterrupted = errors.New("interrupted")

// isUsage reports whether an error is a mistake in what the user typed or chose.
func isUsage(err error) bool {
	var typed usageError
	var chosen plan.SelectionError
	var name backend.NameError
	return errors.As(err, &typed) || errors.As(err, &chosen) || errors.As(err, &name)
}

// exitCode maps an error to the exit code, in this one place.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitOK
	case isUsage(err):
		return exitUsage
	case errors.Is(err, errRunsFailed):
		return exitRunsFailed
	case errors.Is(err, errCheckFailed):
		return exitRegression
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	return exitError
}

// noSubcommand makes an unknown name after a command that only groups others a usage error.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usagef("unknown command %q: expected one of %s", args[0], strings.Join(names, ", "))
}

// arguments makes a wrong number of arguments a usage error that shows the form of the command. A negative atMost sets
// no limit.
func arguments(atLeast, atMost int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		form := strings.TrimSuffix(cmd.UseLine(), " [flags]")
		switch {
		case len(args) < atLeast:
			return usagef("an argument is missing: expected %s", form)
		case atMost >= 0 && len(args) > atMost:
			return usagef("unexpected argument %q: expected %s", args[atMost], form)
		}
		return nil
	}
}

// flagError words what the flag parser refuses: what is wrong, what was expected, where to look.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var refused *pflag.InvalidValueError
	var form *pflag.InvalidSyntaxError
	help := cmd.CommandPath() + " --help lists the flags"
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("unknown flag -%s: %s", unknown.GetSpecifiedName(), help)
	case errors.As(err, &unknown):
		return usagef("unknown flag --%s: %s%s", unknown.GetSpecifiedName(), didYouMean(cmd, unknown.GetSpecifiedName()),
			help)
	case errors.As(err, &lacking):
		return usagef("--%s: the value is missing (%s)", lacking.GetFlag().Name, flagValue(lacking.GetFlag()))
	case errors.As(err, &refused) && flagValues[refused.GetFlag().Value.Type()] != "":
		return usagef("--%s %q: expected %s", refused.GetFlag().Name, refused.GetValue(), flagValue(refused.GetFlag()))
	case errors.As(err, &refused):
		return usagef("--%s: %w", refused.GetFlag().Name, refused.Unwrap())
	case errors.As(err, &form):
		return usagef("%s: expected --NAME VALUE or --NAME=VALUE: %s", form.GetSpecifiedFlag(), help)
	case errors.Is(err, pflag.ErrHelp):
		return usagef("--help: %s", help)
	}
	return usage(err)
}

// flagValues says what the values of each type of flag are.
var flagValues = map[string]string{
	"bool":        "true or false",
	"duration":    "a duration such as 90s or 12h",
	"float64":     "a number",
	"int":         "a whole number",
	"int64":       "a whole number",
	"int64Slice":  "whole numbers separated by commas, such as 0,1,2",
	"stringSlice": "words separated by commas",
	"uint64":      "a whole number from 0 on",
}

// flagValue says what the value of a flag is: by its type, else by its help.
func flagValue(f *pflag.Flag) string { return cmp.Or(flagValues[f.Value.Type()], f.Usage) }

// didYouMean names the flags of a command that are spelled nearly as a name.
func didYouMean(cmd *cobra.Command, name string) string {
	// Cobra compares names of commands only, so the flags stand in as commands.
	flags := &cobra.Command{SuggestionsMinimumDistance: 1}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	near := flags.SuggestionsFor(name)
	if len(near) == 0 {
		flags.SuggestionsMinimumDistance = 2
		near = flags.SuggestionsFor(name)
	}
	if len(near) == 0 {
		return ""
	}
	return "did you mean --" + strings.Join(near, " or --") + "? "
}
