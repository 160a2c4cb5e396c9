package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
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
