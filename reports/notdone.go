package reports

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/runner/store"
)

// NotDone is a run without results: a row of the table of failures.
type NotDone struct {
	Run      string      `json:"run"` // see [store.Manifest.RunName]
	Suite    string      `json:"suite,omitempty"`
	Hash     string      `json:"hash,omitempty"`
	Dir      string      `json:"dir"`
	State    store.State `json:"state"`
	Class    string      `json:"class,omitempty"` // of a failure
	Attempts int         `json:"attempts"`
	Message  string      `json:"message"` // one line
	Next     string      `json:"next"`    // how to go on
}

// ListNotDone returns the runs that are not done in the given order, then the damaged ones.
func ListNotDone(runs []store.Run, damaged []store.DamagedRun) []NotDone {
	list := []NotDone{}
	for _, r := range runs {
		if r.Status.State != store.Done {
			list = append(list, notDone(r.Dir, r.Manifest, r.Status))
		}
	}
	for _, d := range damaged {
		row := notDone(d.Dir, d.Manifest, store.Status{State: store.Damaged, Message: d.Err.Error()})
		if errors.Is(d.Err, fs.ErrPermission) {
			row.Next = "make it readable" // it may hold finished runs
		}
		list = append(list, row)
	}
	return list
}

func notDone(dir string, m store.Manifest, s store.Status) NotDone {
	message, _, _ := strings.Cut(s.Message, "\n")
	message = strings.TrimPrefix(message, dir+string(filepath.Separator)) // the row names the folder
	return NotDone{
		Run: runName(dir, m), Suite: m.Suite, Hash: m.Hash, Dir: dir, State: s.State, Class: s.Class, Attempts: m.Attempts,
		Message: message, Next: next(dir, s),
	}
}

// runName names a run by its manifest or, without one, by its folder, which ends in BENCHMARK/METHOD/seed=N/HASH.
func runName(dir string, m store.Manifest) string {
	if m.Hash != "" {
		return m.RunName()
	}
	parts := strings.Split(filepath.ToSlash(filepath.Dir(dir)), "/")
	if n := len(parts); n >= 3 && strings.HasPrefix(parts[n-1], "seed=") {
		return strings.Join(parts[n-3:], "/")
	}
	return dir
}

// next says how to go on with a run.
func next(dir string, s store.Status) string {
	switch s.State {
	case store.Running:
		return "wait: it is running"
	case store.Timeout:
		if _, err := os.Stat(filepath.Join(dir, store.ResumeDir)); err == nil {
			return store.NextRun + ": it goes on from its checkpoint"
		}
		return store.NextRetry + " and a longer --timeout"
	case store.Damaged:
		return "delete " + dir + " or move it away; then " + store.NextRun
	case store.Failed:
		return store.ClassOf(s.Class).Next
	}
	return store.NextRun
}

// messageWidth keeps a table of failures readable; JSON has all of a message.
const messageWidth = 120

// notDoneSheet lays the list out.
func notDoneSheet(list []NotDone) Sheet {
	s := Sheet{Title: fmt.Sprintf("Runs that are not done: %d", len(list))}
	for _, header := range []string{"Run", "Configuration", "State", "Class", "Attempts", "Message", "How to go on"} {
		s.Columns = append(s.Columns, SheetColumn{Header: header})
	}
	for _, r := range list {
		attempts := ""
		if r.Attempts > 0 {
			attempts = strconv.Itoa(r.Attempts)
		}
		var cells []SheetCell
		for _, text := range []string{r.Run, r.Hash[:min(8, len(r.Hash))], string(r.State), r.Class, attempts,
			shorten(r.Message), r.Next} {
			cells = append(cells, Text(cmp.Or(text, undefinedText)))
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}

func shorten(s string) string {
	if letters := []rune(s); len(letters) > messageWidth {
		return string(letters[:messageWidth-1]) + "…"
	}
	return s
}
