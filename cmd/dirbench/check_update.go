package main

import (
	"fmt"
	"io"

	"github.com/dirbench/dirbench/reports/baseline"
)

// updateBaseline writes the baseline and says on stderr what is in it.
func updateBaseline(o checkOptions, stderr io.Writer) error {
	runs, err := readSound(o.root)
	if err != nil {
		return err
	}
	base, err := baseline.New(runs)
	if err != nil {
		return err
	}
	if !o.force {
		if err := checkLarger(o, base); err != nil {
			return err
		}
	}
	if err := base.Write(o.file); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s: suite %s, %s of %s\n", o.file, base.Suite,
		count(len(base.Cells), "cell"), count(len(runs), "run"))
	for _, c := range base.Cells {
		if n := c.Seeds(); n < o.MinSeeds {
			fmt.Fprintf(stderr, "%s has %s: its metrics are not tested below %d\n", c.Name(), count(n, "seed"), o.MinSeeds)
		}
	}
	return nil
}

// checkLarger finds a baseline file with cells that the new one lacks. A damaged file is there to be replaced.
func checkLarger(o checkOptions, base *baseline.Baseline) error {
	there, err := baseline.Read(o.file)
	if err != nil {
		return nil
	}
	if n := base.Lacking(there); n > 0 {
		return fmt.Errorf("%s has %s, of which %s lacks %d: run the rest of suite %s too, or give --force",
			o.file, count(len(there.Cells), "cell"), o.root, n, there.Suite)
	}
	return nil
}
