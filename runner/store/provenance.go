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
	return commitOfGoRun(info.Main.Path)
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

// commitOfGoRun asks git. "go run" stamps no revision, but it builds the module that lies in the current folder at this
// moment.
func commitOfGoRun(module string) string {
	program, err := os.Executable()
	if err != nil || !strings.Contains(program, "go-build") {
		return "unknown"
	}
	text, err := os.ReadFile("go.mod")
	if err != nil || !bytes.HasPrefix(text, []byte("module "+module+"\n")) {
		return "unknown"
	}
	revision, err := exec.Command("git", "rev-parse", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changes, err := exec.Command("git", "status", "--porcelain").Output()
	return marked(strings.TrimSpace(string(revision)), err != nil || len(changes) > 0)
}

// modulePath is that of dirbench, which is another module than the program's where that adds methods of its own.
const modulePath = "github.com/dirbench/dirbench"

// ForeignModule returns the path of the running program's module if it is not dirbench's, else "".
func ForeignModule() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path == modulePath {
		return ""
	}
	return info.Main.Path
}

// Modules returns the versions of the modules that compute, by module path.
func Modules() map[string]string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return map[string]string{}
	}
	return modulesOf(info)
}

func modulesOf(info *debug.BuildInfo) map[string]string {
	versions := map[string]string{}
	if info.Main.Path != modulePath && info.Main.Path != "" {
		versions[info.Main.Path] = info.Main.Version
	}
	for _, m := range info.Deps {
		switch m.Path {
		case modulePath, "github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla",
			"github.com/apache/arrow/go/v15":
			versions[m.Path] = m.Version
			if m.Replace != nil {
				versions[m.Path] += " => " + strings.TrimSpace(m.Replace.Path+" "+strings.TrimPrefix(m.Replace.Version, "(devel)"))
			}
		}
	}
	return versions
}
