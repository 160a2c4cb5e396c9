package backend

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	for _, name := range []string{"go", "auto"} {
		opened, found, err := Open(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if found != "go" {
			t.Errorf("%s: opened %s", name, found)
		}
		opened.Finalize()
	}
	for _, name := range []string{"gpu", "", "go2:x"} {
		_, _, err := Open(name)
		var mistake NameError
		if !errors.As(err, &mistake) || !strings.Contains(err.Error(), "expected go, xla:cpu, ") {
			t.Errorf("%q: error %v", name, err)
		}
	}
}

// TestMissingPlugin: every message about a plugin that is not there names the command that gets one.
func TestMissingPlugin(t *testing.T) {
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
	if !HaveXLA {
		if _, _, err := Open("xla:cpu"); !errors.Is(err, ErrNoCgo) {
			t.Errorf("without cgo: %v", err)
		}
		return
	}
	for name, want := range map[string]string{
		"xla:cpu": "`dirbench backend install cpu`", "xla:cuda,tf32=false": "`dirbench backend install cuda`",
		"xla:tpu": "`dirbench backend list`",
	} {
		_, _, err := Open(name)
		if !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that names %s", name, err, want)
		}
	}
}

func TestPlugins(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", first+":"+second)
	for _, file := range []string{filepath.Join(first, "pjrt_c_api_cpu_v0.83.1_plugin.so"),
		filepath.Join(second, "pjrt_c_api_cuda_plugin.so"),
		filepath.Join(first, "pjrt-plugin-tpu.so"), filepath.Join(second, "pjrt_plugin_tpu.so"),
		filepath.Join(first, "other.so")} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"cpu":  filepath.Join(first, "pjrt_c_api_cpu_v0.83.1_plugin.so"),
		"cuda": filepath.Join(second, "pjrt_c_api_cuda_plugin.so"), "tpu": filepath.Join(first, "pjrt-plugin-tpu.so"),
		"other": "", "c": "", "/opt/plugin.so": "/opt/plugin.so",
	} {
		if got := Find(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if list := Plugins(); len(list) != 3 {
		t.Errorf("plugins %+v", list)
	}
}

// TestEnvironment: children that train keep their memory, unless the user has settings of his own.
func TestEnvironment(t *testing.T) {
	t.Setenv("MALLOC_ARENA_MAX", "4")
	if env := Environment(); slices.Contains(env, "MALLOC_MMAP_MAX_=0") {
		t.Errorf("the user's settings are overruled: %q", env)
	}
	os.Unsetenv("MALLOC_ARENA_MAX")
	if env := Environment(); !slices.Contains(env, "MALLOC_MMAP_MAX_=0") || !slices.Contains(env, "MALLOC_ARENA_MAX=1") {
		t.Errorf("memory is given back: %q", env)
	}
}
