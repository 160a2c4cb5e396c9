package preflight

import (
	"context"
	"os"
	"path/filepath"

	"github.com/dustin/go-humanize/english"

	"github.com/dirbench/dirbench/datasets"
)

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
		file := d.Meta.Splits[split].File
		if _, err := os.Stat(filepath.Join(d.Dir, file)); err != nil {
			problems = append(problems, datasets.Problem{File: file, Message: "the file is missing"})
		}
	}
	return problems
}
