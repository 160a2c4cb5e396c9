// Package launch writes what batch systems need to run the tasks of one suite: an array script for Slurm, an Indexed
// Job for Kubernetes. Every task is an ordinary call of dirbench run on a run store that all tasks see.
package launch

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// Job is what the launchers have in common: one suite, worked on by a number of tasks.
//
// A task takes its own shard of the plan, which needs nothing but a folder to write to, or with Share whatever run
// nobody has claimed, which balances better (a slow task leaves its runs to the others) but needs every task to see the
// claims of all.
type Job struct {
	Name   string   // of the job: letters, digits, '.', '_' and '-'
	Binary string   // the program: for Slurm an absolute path, for Kubernetes a program of the image
	Suite  string   // a built-in suite or a YAML file
	Out    string   // root of the run store
	Data   string   // root of the prepared datasets
	Tasks  int      // at least 1
	Share  bool     // one queue for all tasks in place of shards
	Args   []string // further flags of dirbench run
	GPUs   int      // of a task; 0: none asked for
	CPUs   int      // of a task, at least 1
	Memory string   // of a task, in the batch system's notation; empty: its default
}

// runFlag is a flag of dirbench run; its value is either text or, where raw is set, an expression of the batch system.
type runFlag struct {
	name, value string
	raw         bool
}

// flags returns the flags of a task; index is the batch system's expression for the number of the task, from 0.
func (j Job) flags(suite, index string) []runFlag {
	flags := []runFlag{{"--suite", suite, false}, {"--out", j.Out, false}, {"--data", j.Data, false}}
	if !j.Share {
		flags = append(flags, runFlag{"--shard", index + "/" + strconv.Itoa(j.Tasks), true})
	}
	return flags
}

// mistake says that a setting has a wrong form.
func mistake(flag, value, want string) error {
	return fmt.Errorf("%s %q: expected %s", flag, value, want)
}

// check checks what every batch system asks for.
func (j Job) check() error {
	var err error
	if j.Tasks < 1 {
		err = mistake("--tasks", strconv.Itoa(j.Tasks), "at least 1")
	}
	if j.GPUs < 0 {
		err = cmp.Or(err, mistake("--gpus", strconv.Itoa(j.GPUs), "0 or more"))
	}
	if j.CPUs < 1 {
		err = cmp.Or(err, mistake("--cpus", strconv.Itoa(j.CPUs), "at least 1"))
	}
	return err
}

// form is the form of a setting, and how to say it.
type form struct {
	pattern *regexp.Regexp
	want    string
}

func newForm(pattern, want string) form {
	return form{regexp.MustCompile(`^(?:` + pattern + `)$`), want}
}

// check accepts a value of this form.
func (f form) check(flag, value string) error {
	if f.pattern.MatchString(value) {
		return nil
	}
	return mistake(flag, value, f.want)
}

// checkOptional accepts the empty value too.
func (f form) checkOptional(flag, value string) error {
	if value == "" {
		return nil
	}
	return f.check(flag, value)
}
