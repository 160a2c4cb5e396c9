package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dirbench/dirbench/reports"
)

// openTerminal returns the two ends of a pseudo-terminal.
func openTerminal(t *testing.T) (screen, terminal *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return screen, terminal
}

// TestFormatFollowsTheOutput: without --format a terminal gets boxes with best values in bold, or a star if NO_COLOR is
// set, and everything else Markdown.
func TestFormatFollowsTheOutput(t *testing.T) {
	sheet := reports.Sheet{Title: "T", Columns: []reports.SheetColumn{{Header: "Method"}, {Header: "MAE", Number: true}},
		Rows: [][]reports.SheetCell{{reports.Text("lds"), {Text: "7.00", Bold: true}}}}
	for _, tt := range []struct {
		noColor, format, want string
	}{
		{"", "", "│ lds    │ \x1b[1m7.00\x1b[0m │"},
		{"1", "", "│ lds    │ *7.00 │"},
		{"1", formatMarkdown, "| lds    | **7.00** |"},
	} {
		t.Setenv("NO_COLOR", tt.noColor)
		screen, terminal := openTerminal(t)
		if err := printSheets(terminal, []reports.Sheet{sheet}, tt.format); err != nil {
			t.Fatal(err)
		}
		terminal.Close()
		shown, err := io.ReadAll(screen)
		if err != nil && !errors.Is(err, unix.EIO) { // which is how a screen ends
			t.Fatal(err)
		}
		if got := string(shown); !strings.Contains(got, tt.want) {
			t.Errorf("NO_COLOR=%q, format %q: %q, want %q", tt.noColor, tt.format, got, tt.want)
		}
	}
	var file bytes.Buffer
	if err := printSheets(&file, []reports.Sheet{sheet}, ""); err != nil ||
		!strings.Contains(file.String(), "| lds    | **7.00** |") {
		t.Errorf("not a terminal: %v, %s", err, file.String())
	}
}
