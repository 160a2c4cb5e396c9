// Package testsuite holds the suites that the tests of the runner's rooms train, as small as they get.
package testsuite

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// Data is the root of the twins, which all tests of a package share and none changes.
var Data string

// Main runs the tests of a package with a root for their twins. It returns the exit code, which is not 0 either if a
// test left a goroutine behind.
func Main(m *testing.M) int {
	os.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	root, err := os.MkdirTemp("", "runner-test-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	Data = root
	code := m.Run()
	if leak := goleak.Find(); leak != nil && code == 0 {
		fmt.Fprintln(os.Stderr, leak)
		return 1
	}
	return code
}

// The benchmarks; %s is for more fields of the recipe.
const (
	Agedb = `
  - benchmark: agedb-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, lr_drops: [], image: {size: 8, crop_pad: 1, width: 2}%s}
`
	STSB = `
  - benchmark: sts-b-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, text: {max_tokens: 8, embedding: 4, hidden: 4, layers: 1}%s}
`
	Depth = `
  - benchmark: nyud2-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 2, lr_drops: [1], batch_size: 64, depth: {width: 4, frame: [32, 24]}%s}
`
	Signals = `
  - benchmark: shhs-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, lr_drops: [], batch_size: 64, signal: {width: 2, windows: 2, window_seconds: 2}%s}
`
)

// Text returns a suite with one benchmark. Fields begin with a comma: ", lr: 1".
func Text(entry, methods, fields string) string {
	return fmt.Sprintf("name: test\nseeds: [0]\nmethods: [%s]\nbenchmarks:"+entry, methods, fields)
}

// Longer trains an entry for three epochs: FDS acts from the third on.
func Longer(entry string) string { return strings.Replace(entry, "epochs: 2", "epochs: 3", 1) }
