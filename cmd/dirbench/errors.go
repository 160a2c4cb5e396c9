package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
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

// exitCode maps an error to the exit code, in this one place.
func exitCode(err error) int {
	var u usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &u):
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

// exactArgs is cobra.ExactArgs with the exit code of a usage error.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return usage(cobra.ExactArgs(n)(cmd, args)) }
}
