package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/runner/store"
)

// sweep are the runs of one comparison.
type sweep struct {
	key     string                    // method and configuration without kernels and seed
	fields  map[string]string         // that configuration, flat: "recipe.epochs" to JSON
	kernels map[string][2]kernelOrNil // of LDS and FDS, by configuration hash
	runs    []store.Run
}

type kernelOrNil = *kernel.Kernel

// groupSweeps returns the comparisons with at least two combinations of kernels, by benchmark, method and configuration.
func groupSweeps(runs []store.Run) ([]*sweep, error) {
	byKey := map[string]*sweep{}
	for _, run := range runs {
		lds, fds, fields, err := splitConfig(run)
		if err != nil {
			return nil, err
		}
		if lds == nil && fds == nil {
			continue
		}
		config, err := run.ConfigHash()
		if err != nil {
			return nil, err
		}
		m := run.Manifest
		key := fmt.Sprintf("%s\x00%s\x00%s\x00%v\x00%v", m.Benchmark, m.Method, m.Imported, m.Dataset.Files, fields)
		if byKey[key] == nil {
			byKey[key] = &sweep{key: key, fields: fields, kernels: map[string][2]kernelOrNil{}}
		}
		byKey[key].kernels[config] = [2]kernelOrNil{lds, fds}
		byKey[key].runs = append(byKey[key].runs, run)
	}
	maps.DeleteFunc(byKey, func(_ string, s *sweep) bool { return len(s.kernels) < 2 })
	return slices.SortedFunc(maps.Values(byKey), func(a, b *sweep) int { return cmp.Compare(a.key, b.key) }), nil
}

// splitConfig returns the kernels of a run, nil for those that its method does not use, and the rest of its configuration but the
// seed.
func splitConfig(run store.Run) (lds, fds kernelOrNil, rest map[string]string, err error) {
	var config struct {
		Recipe struct {
			LDS kernel.Kernel
			FDS struct{ Kernel kernel.Kernel }
		}
	}
	var tree map[string]any
	for _, into := range []any{&config, &tree} {
		if err := json.Unmarshal(run.Manifest.Config, into); err != nil {
			return nil, nil, nil, fmt.Errorf("%s: config: %w", filepath.Join(run.Dir, store.ManifestFile), err)
		}
	}
	rest = map[string]string{}
	flatten(rest, "", tree)
	maps.DeleteFunc(rest, func(path, _ string) bool {
		return path == "seed" || in(path, "recipe.lds") || in(path, "recipe.fds.kernel")
	})
	if config.Recipe.LDS.Kind != "" {
		lds = &config.Recipe.LDS
	}
	if config.Recipe.FDS.Kernel.Kind != "" {
		fds = &config.Recipe.FDS.Kernel
	}
	return lds, fds, rest, nil
}

// in reports whether a path is the parent's or lies below it.
func in(path, parent string) bool {
	return path == parent || len(path) > len(parent) && path[:len(parent)+1] == parent+"."
}

// flatten adds the leaves of an object of JSON by their paths; lists are leaves.
func flatten(into map[string]string, path string, value any) {
	object, ok := value.(map[string]any)
	if !ok {
		into[path] = fmt.Sprint(value)
		return
	}
	for name, child := range object {
		if path != "" {
			name = path + "." + name
		}
		flatten(into, name, child)
	}
}

// differences names the fields in which comparisons of the same benchmark and method differ from this one; empty without any.
func (s *sweep) differences(all []*sweep) string {
	var fields []string
	others := 0
	for _, o := range all {
		a, b := s.runs[0].Manifest, o.runs[0].Manifest
		if o == s || a.Benchmark != b.Benchmark || a.Method != b.Method {
			continue
		}
		others++
		for _, path := range slices.Sorted(maps.Keys(s.fields)) {
			if s.fields[path] != o.fields[path] && !slices.Contains(fields, path) {
				fields = append(fields, path)
			}
		}
	}
	if others == 0 {
		return ""
	}
	return fmt.Sprintf("another table of %s differs in %s, so its runs are not averaged with these", s.runs[0].Manifest.Method, listed(fields))
}
