package store

import (
	"maps"
	"runtime/debug"
	"testing"
)

func TestModulesNameAForeignProgram(t *testing.T) {
	gomlx := &debug.Module{Path: "github.com/gomlx/gomlx", Version: "v0.28.16"}
	other := &debug.Module{Path: "golang.org/x/sys", Version: "v0.1.0"}
	own := &debug.Module{Path: modulePath, Version: "v0.3.0"}
	replaced := &debug.Module{Path: modulePath, Version: "v0.0.0", Replace: &debug.Module{Path: "../dirbench"}}
	for _, c := range []struct {
		name string
		info debug.BuildInfo
		want map[string]string
	}{
		{"dirbench", debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "(devel)"},
			Deps: []*debug.Module{gomlx, other}},
			map[string]string{gomlx.Path: "v0.28.16"}},
		{"foreign", debug.BuildInfo{Main: debug.Module{Path: "example.com/mine", Version: "v1.0.0"},
			Deps: []*debug.Module{own, gomlx}},
			map[string]string{gomlx.Path: "v0.28.16", modulePath: "v0.3.0", "example.com/mine": "v1.0.0"}},
		{"replaced", debug.BuildInfo{Main: debug.Module{Path: "mine", Version: "(devel)"}, Deps: []*debug.Module{replaced}},
			map[string]string{modulePath: "v0.0.0 => ../dirbench", "mine": "(devel)"}},
	} {
		if got := modulesOf(&c.info); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
