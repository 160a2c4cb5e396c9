package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFailureClasses: docs/design.md has a row for each class, and the store's rule of retries is the list's.
func TestFailureClasses(t *testing.T) {
	page, err := os.ReadFile("../../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range FailureClasses {
		if row := fmt.Sprintf("| `failed (%s)` | %s | %s |\n", c.Name, c.Meaning, c.Retried); !strings.Contains(string(page),
			row) {
			t.Errorf("docs/design.md lacks the row\n%s", row)
		}
		run := Run{Status: Status{State: Failed, Class: c.Name}}
		run.Manifest.Program = "another build"
		if got := run.FailedForGood(); got != (c.Retried == RetriedOnRequest) {
			t.Errorf("%s by another build: failed for good: %v", c.Name, got)
		}
		run.Manifest.Program = Program()
		if got := run.FailedForGood(); got == (c.Retried == RetriedAlways) {
			t.Errorf("%s by this build: failed for good: %v", c.Name, got)
		}
	}
	if got := ClassOf("unheard of"); got != ClassOther {
		t.Errorf("an unknown class is %s", got.Name)
	}
	if err := error(Failure{ClassData, os.ErrNotExist}); !errors.Is(err, os.ErrNotExist) ||
		err.Error() != os.ErrNotExist.Error() {
		t.Errorf("%v", err)
	}
}

// TestTimeoutForGood: a run that took too long goes on from its checkpoint, if it has one.
func TestTimeoutForGood(t *testing.T) {
	run := Run{Dir: t.TempDir(), Status: Status{State: Timeout}}
	if !run.FailedForGood() {
		t.Error("without a checkpoint it would take too long again")
	}
	if err := os.Mkdir(filepath.Join(run.Dir, ResumeDir), 0o777); err != nil {
		t.Fatal(err)
	}
	if run.FailedForGood() {
		t.Error("with a checkpoint it goes on")
	}
}
