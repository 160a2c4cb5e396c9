// Package docs executes the code blocks of docs/*.md, page by page and from top to bottom, as a reader would who types
// them:
//
//   - A block whose first line is a comment with a file name is that file.
//   - "sh" is run by sh. A block of "text" or "markdown" after it is what it prints, with "…" for left-out lines.
//   - A page with "python" runs where $DIRBENCH_PYTHON names a Python that has what it imports.
//   - "console" needs what a test lacks, such as real data. Its commands and flags must exist.
//   - Commands run in an empty folder. ../dirbench is the checkout; where a page holds Go files and does not name it,
//     the folder is a copy of the checkout.
//
// The folder raw/ holds stand-ins for the official downloads.
package docs

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// checkoutBeside is how pages call the checkout that lies beside the reader's folder. It is where it is in the test,
// for packages in another place would be compiled anew.
const checkoutBeside = "../dirbench"

func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command of the pages")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the pages' commands need sh")
	}
	pages, err := filepath.Glob(root + "/docs/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("pages %v, %v", pages, err)
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./cmd/dirbench")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) { runPage(t, page) })
	}
	t.Run("README.md", checkReadme)
}

func runPage(t *testing.T, path string) {
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	besides := strings.Contains(string(page), checkoutBeside)
	list, err := blocks(strings.ReplaceAll(string(page), checkoutBeside, filepath.ToSlash(checkout)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if !slices.ContainsFunc(list, func(b block) bool { return b.language == "sh" }) {
		return
	}
	if slices.ContainsFunc(list, func(b block) bool { return b.language == "python" }) {
		usePython(t)
	}
	dir := t.TempDir()
	if !besides && slices.ContainsFunc(list, func(b block) bool { return b.language == "go" }) {
		copyCheckout(t, dir)
	}
	writeRaw(t, filepath.Join(dir, "raw"))
	output := ""
	for _, b := range list {
		if output, err = b.execute(dir, output); err != nil {
			t.Fatalf("%s:%d: %v", path, b.line, err)
		}
	}
}

// usePython makes "python" the Python that $DIRBENCH_PYTHON names, or skips a page whose packages it lacks.
func usePython(t *testing.T) {
	python := os.Getenv("DIRBENCH_PYTHON")
	if python == "" {
		t.Skip("needs a Python with pandas, pyarrow, scikit-learn, lightgbm, torch, safetensors and pillow: name it in " +
			"DIRBENCH_PYTHON")
	}
	check := exec.Command(python, "-c", "import pandas, pyarrow, sklearn, lightgbm, torch, safetensors, PIL")
	if out, err := check.CombinedOutput(); err != nil {
		t.Fatalf("DIRBENCH_PYTHON: %v\n%s", err, out)
	}
	bin := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nexec %q \"$@\"\n", python)
	if err := os.WriteFile(filepath.Join(bin, "python"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// execute does what a block says in a folder. It returns what the block printed, which the next block may tell.
func (b block) execute(dir, before string) (output string, err error) {
	switch name := b.file(); {
	case name != "":
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if formatted, err := format.Source([]byte(b.text)); b.language == "go" &&
			(err != nil || string(formatted) != b.text) {
			return "", fmt.Errorf("%s is not as gofmt formats it: %w", name, err)
		}
		return "", os.WriteFile(path, []byte(b.text), 0o644)
	case b.language == "sh":
		return shell(dir, b.text)
	case b.language == "text" || b.language == "markdown":
		if !matches(b.text, before) {
			return "", &mismatch{b.text, before}
		}
		return "", nil
	case b.language == "console":
		return "", b.checkFlags()
	}
	return "", &unknown{b.language}
}

type mismatch struct{ want, got string }

func (m *mismatch) Error() string { return "expected\n" + m.want + "printed\n" + m.got }

type unknown struct{ language string }

func (u *unknown) Error() string {
	return u.language + ": expected sh, console, text, markdown, or a file name in the first line"
}

// shell runs commands, each of which must succeed.
func shell(dir, commands string) (string, error) {
	var stdout, stderr bytes.Buffer
	sh := exec.Command("sh", "-eu")
	sh.Dir, sh.Stdin, sh.Stdout, sh.Stderr = dir, strings.NewReader(commands), &stdout, &stderr
	if err := sh.Run(); err != nil {
		return "", &failure{err, commands, stdout.String() + stderr.String()}
	}
	return stdout.String(), nil
}

type failure struct {
	err            error
	commands, said string
}

func (f *failure) Error() string { return f.err.Error() + "\n" + f.commands + f.said }

// copyCheckout copies what builds the program: all but hidden folders and results.
func copyCheckout(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum", "benchmarks", "ci", "cmd", "configs", "datasets", "methods",
		"reports", "runner"} {
		from, to := filepath.Join(root, name), filepath.Join(dir, name)
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			err = os.CopyFS(to, os.DirFS(from))
		} else {
			var text []byte
			if text, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(to, text, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
