package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/dirbench/dirbench/runner"
	"github.com/dirbench/dirbench/runner/store"
)

// newRunProgress shows how a suite goes: a bar on a terminal, a line per epoch elsewhere.
func newRunProgress(w io.Writer) runner.Observer {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return &runBar{w: w}
	}
	return &runLines{w: w}
}

// runLines writes plain lines.
type runLines struct {
	w     io.Writer
	clock runClock
}

func (p *runLines) Begin(run *runner.Run, number, total int) {
	p.clock = startClock(run)
	fmt.Fprintf(p.w, "[%d/%d] %s\n", number, total, run.Name())
}

func (p *runLines) Step(int, int, int, int) {}

func (p *runLines) Epoch(e store.Event) {
	fmt.Fprintf(p.w, "  %s, %s left\n", describe(e, p.clock.epochs), p.clock.left(e.Epoch))
}

func (p *runLines) End(run *runner.Run, status store.Status, skipped bool) {
	fmt.Fprintf(p.w, "  %s\n", conclude(status, skipped))
}

// runBar draws a bar for each run.
type runBar struct {
	w    io.Writer
	run  *runner.Run
	name string
	bar  *progressbar.ProgressBar
}

func (p *runBar) Begin(run *runner.Run, number, total int) {
	p.run, p.name, p.bar = run, fmt.Sprintf("[%d/%d] %s", number, total, run.Name()), nil
}

func (p *runBar) Step(epoch, epochs, step, steps int) {
	if p.bar == nil {
		p.bar = progressbar.NewOptions(epochs*steps, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(p.name),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20))
	}
	_ = p.bar.Set((epoch-1)*steps + step)
}

func (p *runBar) Epoch(e store.Event) {
	if p.bar != nil {
		p.bar.Describe(p.name + " " + describe(e, p.run.Epochs()))
	}
}

func (p *runBar) End(_ *runner.Run, status store.Status, skipped bool) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.w, "%s: %s\n", p.name, conclude(status, skipped))
}

func describe(e store.Event, epochs int) string {
	mark := ""
	if e.Best {
		mark = " (best)"
	}
	return fmt.Sprintf("epoch %d/%d loss %.4g val %.4g%s", e.Epoch, epochs, float64(e.Loss), float64(e.Val), mark)
}

func conclude(status store.Status, skipped bool) string {
	switch {
	case skipped:
		return "done before"
	case status.State == store.Done:
		return fmt.Sprintf("done in %s", (time.Duration(status.Seconds * float64(time.Second))).Round(100*time.Millisecond))
	}
	return fmt.Sprintf("%s (%s): %s", status.State, status.Class, status.Message)
}

// runClock estimates the time left of a run from the epochs that are over.
type runClock struct {
	began  time.Time
	epochs int
}

func startClock(run *runner.Run) runClock { return runClock{time.Now(), run.Epochs()} }

func (c runClock) left(epoch int) time.Duration {
	perEpoch := time.Since(c.began) / time.Duration(epoch)
	return (perEpoch * time.Duration(c.epochs-epoch)).Round(time.Second)
}
