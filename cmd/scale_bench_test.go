package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// largeSuite has 10,000 runs: five methods, two of them with a first stage among the others, one that counts what it
// resamples.
func largeSuite() string {
	var seeds []string
	for seed := range 2000 {
		seeds = append(seeds, fmt.Sprint(seed))
	}
	return fmt.Sprintf(`
name: large
seeds: [%s]
methods: [vanilla, lds+fds, smoter, rrt, rrt+lds]
benchmarks:
  - {benchmark: sts-b-dir, scale: tiny, twin: {size: 200}}
`, strings.Join(seeds, ", "))
}

// BenchmarkDryRun lists 10,000 planned runs, which is to take less than 2 s.
func BenchmarkDryRun(b *testing.B) {
	dir := b.TempDir()
	suite := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(suite, []byte(largeSuite()), 0o644); err != nil {
		b.Fatal(err)
	}
	for _, only := range [][]string{nil, {"sts-b-dir/*/seed=1*"}} {
		b.Run(fmt.Sprintf("only=%v", only), func(b *testing.B) {
			o := runOptions{suite: suite, dryRun: true, plan: plan.Options{
				Data: filepath.Join(dir, "data"), Out: filepath.Join(dir, "results"), Only: only}}
			for b.Loop() {
				if err := runSuite(b.Context(), o, io.Discard, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReport prints the tables of a store of 10,000 finished runs, which is to take less than 5 s.
func BenchmarkReport(b *testing.B) {
	root := b.TempDir()
	copyRuns(b, root, 10_000)
	for b.Loop() {
		flags := tableFlags{format: "md", split: "test", interval: "std", level: 0.95, baseline: "vanilla", test: "t",
			alpha: 0.05}
		if err := runReport(reportOptions{tableFlags: flags, stores: []string{root}}, io.Discard, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// copyRuns fills a store with copies of a finished run under other seeds and methods.
func copyRuns(b *testing.B, root string, runs int) {
	const model = "../runner/store/testdata/run"
	files := map[string]string{}
	for _, name := range []string{store.ManifestFile, store.MetricsFile, store.EventsFile, store.StatusFile} {
		content, err := os.ReadFile(filepath.Join(model, name))
		if err != nil {
			b.Fatal(err)
		}
		files[name] = string(content)
	}
	manifest := files[store.ManifestFile]
	for i := range runs {
		method, seed := []string{"vanilla", "lds", "fds", "lds+fds"}[i%4], i/4
		files[store.ManifestFile] = strings.NewReplacer(`"method": "lds"`, fmt.Sprintf(`"method": %q`, method),
			`"seed": 0`, fmt.Sprintf(`"seed": %d`, seed)).Replace(manifest)
		dir := store.RunDir(root, "ci", "agedb-dir", method, int64(seed), fmt.Sprintf("%08x", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
}
