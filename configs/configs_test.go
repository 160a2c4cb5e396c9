package configs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/runner/plan"
)

// TestSuites parses every built-in suite, so that none is broken by a renamed field.
func TestSuites(t *testing.T) {
	names := configs.Names()
	if !slices.Contains(names, "smoke") {
		t.Errorf("suites %q: smoke is missing", names)
	}
	for _, name := range names {
		content, err := configs.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		suite, err := plan.ParseSuite(name, content)
		if err != nil {
			t.Error(err)
			continue
		}
		if suite.Name != name || suite.Summary == "" {
			t.Errorf("%s.yaml: name %q, summary %q: expected the file's name and a line for the list", name, suite.Name, suite.Summary)
		}
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yml")
	if err := os.WriteFile(file, []byte("name: mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if content, err := configs.Read(file); err != nil || string(content) != "name: mine\n" {
		t.Errorf("%s: %q, %v", file, content, err)
	}
	tests := map[string]string{
		"smok":      `suite "smok": expected one of `,
		"none.yaml": "open none.yaml: ",
		"../smoke":  `suite "../smoke": expected one of `,
		"":          `suite "": expected one of `,
	}
	for name, want := range tests {
		if _, err := configs.Read(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", name, err, want)
		}
	}
}
