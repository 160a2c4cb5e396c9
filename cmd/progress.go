package cmd

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// newProgress returns a function that shows how many of the things are done, as a bar on a terminal, else as a line
// for each further quarter; and one that ends the display, whether all are done or not.
func newProgress(w io.Writer, things string) (show func(done, total int), end func()) {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return newBar(w, things)
	}
	shown := 0
	show = func(done, total int) {
		if quarter := 4 * done / max(total, 1); quarter > shown {
			shown = quarter
			fmt.Fprintf(w, "%s of %s %s\n", thousands(done), thousands(total), things)
		}
	}
	return show, func() {}
}

func newBar(w io.Writer, things string) (show func(done, total int), end func()) {
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(things),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	show = func(done, total int) {
		bar.ChangeMax(total)
		bar.Set(done)
	}
	return show, func() { bar.Clear() }
}

// newRunProgress shows how a suite goes: a bar over all its steps on a terminal, elsewhere a line for each epoch of a
// run, of short ones one a second.
func newRunProgress(w io.Writer, runs []*plan.Run) execute.Observer {
	lines := runLines{w: w, total: len(runs), numbers: map[*plan.Run]int{}, clocks: map[*plan.Run]runClock{},
		shown: map[*plan.Run]time.Time{}}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return newRunBar(lines, runs)
	}
	return &lines
}

// runLines writes plain lines.
type runLines struct {
	w       io.Writer
	total   int
	numbers map[*plan.Run]int
	clocks  map[*plan.Run]runClock
	shown   map[*plan.Run]time.Time // when a run had its last line of an epoch
}

func (p *runLines) Begin(run *plan.Run, number, _ int) { p.numbers[run] = number }

func (p *runLines) Step(run *plan.Run, epoch, epochs, step, steps int) {
	if _, known := p.clocks[run]; !known {
		p.clocks[run] = runClock{time.Now(), float64(epoch-1) + float64(step)/float64(steps)}
		p.say(run, fmt.Sprintf("trains %s of %s", count(epochs, "epoch"), count(steps, "step")))
	}
}

func (p *runLines) Epoch(run *plan.Run, e store.Event) {
	if time.Since(p.shown[run]) < time.Second {
		return
	}
	p.shown[run] = time.Now()
	text := describe(e, run.Epochs())
	if clock, known := p.clocks[run]; known { // else it goes on from a checkpoint and has not trained yet
		text += fmt.Sprintf(", %s left", clock.left(e.Epoch, run.Epochs()))
	}
	p.say(run, text)
}

func (p *runLines) Note(run *plan.Run, text string) { p.say(run, text) }

func (p *runLines) End(run *plan.Run, status store.Status, skipped bool) {
	p.say(run, conclude(status, skipped))
	delete(p.clocks, run)
	delete(p.shown, run)
}

func (p *runLines) say(run *plan.Run, text string) {
	fmt.Fprintf(p.w, "[%d/%d] %s: %s\n", p.numbers[run], p.total, run.Name(), text)
}

// runBar draws a bar below the lines that stay.
type runBar struct {
	runLines
	bar  *progressbar.ProgressBar
	done map[*plan.Run]int // steps
}

func newRunBar(lines runLines, runs []*plan.Run) *runBar {
	steps := 0
	for _, run := range runs {
		steps += run.Steps()
	}
	return &runBar{runLines: lines, done: map[*plan.Run]int{},
		bar: progressbar.NewOptions(steps, progressbar.OptionSetWriter(lines.w),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20))}
}

func (p *runBar) Step(run *plan.Run, epoch, _, step, steps int) {
	p.advance(run, (epoch-1)*steps+step)
}

func (p *runBar) advance(run *plan.Run, steps int) {
	_ = p.bar.Add(steps - p.done[run])
	p.done[run] = steps
}

func (p *runBar) Epoch(run *plan.Run, e store.Event) {
	p.bar.Describe(run.Name() + " " + describe(e, run.Epochs()))
}

func (p *runBar) Note(run *plan.Run, text string) {
	_ = p.bar.Clear()
	p.runLines.Note(run, text)
}

func (p *runBar) End(run *plan.Run, status store.Status, skipped bool) {
	_ = p.bar.Clear()
	p.runLines.End(run, status, skipped)
	p.advance(run, run.Steps())
}

func describe(e store.Event, epochs int) string {
	mark := ""
	if e.Best {
		mark = " (best)"
	}
	text := fmt.Sprintf("epoch %d/%d loss %.4g", e.Epoch, epochs, float64(e.Loss))
	if math.IsNaN(float64(e.Val)) { // nothing is validated
		return text
	}
	return text + fmt.Sprintf(" val %.4g%s", float64(e.Val), mark)
}

func conclude(status store.Status, skipped bool) string {
	text := string(status.State)
	switch {
	case status.State == store.Done && skipped:
		return "done before"
	case status.State == store.Done:
		return fmt.Sprintf("done in %s", (time.Duration(status.Seconds * float64(time.Second))).Round(100*time.Millisecond))
	case skipped:
		text += " before"
	}
	if status.Class != "" {
		text += " (" + status.Class + ")"
	}
	return text + ": " + status.Message
}

// runClock estimates the time left of a run from the epochs since its first step in this call.
type runClock struct {
	began time.Time
	from  float64 // epochs done then
}

func (c runClock) left(epoch, epochs int) time.Duration {
	perEpoch := float64(time.Since(c.began)) / max(float64(epoch)-c.from, 1e-3)
	return time.Duration(perEpoch * float64(epochs-epoch)).Round(time.Second)
}
