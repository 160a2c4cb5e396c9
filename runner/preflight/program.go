package preflight

import (
	"path"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/runner/store"
)

// Program says what is running: revision, Go, modules and how they were built.
func Program() []Finding {
	of := ""
	if module := store.ForeignModule(); module != "" {
		of = "program of module " + module + ", "
	}
	findings := []Finding{
		ok("dirbench", "%scommit %s, %s/%s", of, store.Commit(), runtime.GOOS, runtime.GOARCH),
		simd(runtime.Version(), runtime.GOARCH),
		ok("modules", "%s", moduleVersions(store.Modules())),
	}
	if !builtWithCgo() {
		findings = append(findings, bad(Absent, "cgo", "", "built without cgo: only the backend go"))
	}
	return findings
}

// simd says whether the backend go was built with vector instructions, which it has for amd64. A version is
// "go1.26.5 X:simd" or "go1.26.5-X:simd".
func simd(version, arch string) Finding {
	_, experiments, _ := strings.Cut(version, "X:")
	if arch == "amd64" && !slices.Contains(strings.Split(experiments, ","), "simd") {
		return bad(Warning, "go", "build with GOEXPERIMENT=simd", "%s, without SIMD: the backend go is several times slower",
			version)
	}
	return ok("go", "%s", version)
}

// majorVersion is the end of a module path from its second version on.
var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

func moduleVersions(modules map[string]string) string {
	var list []string
	for module, version := range modules {
		module = strings.TrimSuffix(majorVersion.ReplaceAllString(module, ""), "/go")
		list = append(list, path.Base(module)+" "+version)
	}
	slices.Sort(list)
	if len(list) == 0 {
		return "unknown: the program carries no build information"
	}
	return strings.Join(list, ", ")
}

func builtWithCgo() bool {
	info, found := debug.ReadBuildInfo()
	return found && slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool {
		return s.Key == "CGO_ENABLED" && s.Value == "1"
	})
}
