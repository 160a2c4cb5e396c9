//go:build cgo

package backend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKnowsFlags: a flag is found wherever it lies in the plugin's file, also across two parts, and all are needed.
func TestKnowsFlags(t *testing.T) {
	const flags = "--first_flag=true --second_flag=1"
	for name, tt := range map[string]struct {
		content string
		want    bool
	}{
		"none":         {"", false},
		"one":          {"...first_flag...", false},
		"both":         {"second_flag\x00first_flag", true},
		"across parts": {strings.Repeat(".", 1<<20-5) + "first_flag" + strings.Repeat(".", 1<<20) + "second_flag", true},
		"at the end":   {strings.Repeat(".", 1<<20) + "first_flagsecond_flag", true},
	} {
		file := filepath.Join(t.TempDir(), "plugin.so")
		if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := knowsFlags(file, flags); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if knowsFlags(filepath.Join(t.TempDir(), "absent.so"), flags) {
		t.Error("a file that is not there knows flags")
	}
}
