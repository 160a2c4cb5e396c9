package store

import (
	"bytes"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/dirbench/dirbench/datasets"
)

// Commit returns the revision that the program was built from, "+dirty" if files had changed, or "unknown".
func Commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if revision := settings["vcs.revision"]; revision != "" {
		return marked(revision, settings["vcs.modified"] == "true")
	}
	if version := info.Main.Version; version != "" && version != "(devel)" {
		return version
	}
	return commitOfGoRun()
}

// Program returns the SHA-256 of the running executable, which tells builds apart that have no commit of their own;
// empty if it cannot be read.
var Program = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	sum, err := datasets.FileSHA256(path)
	if err != nil {
		return ""
	}
	return sum
})

func marked(revision string, dirty bool) string {
	if dirty {
		return revision + "+dirty"
	}
	return revision
}

// commitOfGoRun asks git. "go run" stamps no revision, but it builds what lies in the current folder at this moment.
func commitOfGoRun() string {
	program, err := os.Executable()
	if err != nil || !strings.Contains(program, "go-build") {
		return "unknown"
	}
	module, err := os.ReadFile("go.mod")
	if err != nil || !bytes.HasPrefix(module, []byte("module github.com/dirbench/dirbench\n")) {
		return "unknown"
	}
	revision, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changes, err := exec.Command("git", "status", "--porcelain").Output()
	return marked(strings.TrimSpace(string(revision)), err != nil || len(changes) > 0)
}

// Modules returns the versions of the modules that compute, by module path.
func Modules() map[string]string {
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla", "github.com/apache/arrow/go/v15":
			versions[m.Path] = m.Version
		}
	}
	return versions
}
