package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/runner/store"
)

// sweep are the runs of one comparison.
type sweep struct {
	key     string                    // method and configuration without kernels and seed
	fields  map[string]string         // that configuration, flat: "recipe.epochs" to its value
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
		key := fmt.Sprintf("%s\x00%s\x00%s\x00%v", m.Benchmark, m.Method, m.Imported, fields)
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
	if err := json.Unmarshal(run.Manifest.Config, &config); err != nil {
		return nil, nil, nil, fmt.Errorf("%s: config: %w", filepath.Join(run.Dir, store.ManifestFile), err)
	}
	if rest, err = run.Settings(); err != nil {
		return nil, nil, nil, err
	}
	maps.DeleteFunc(rest, func(name, _ string) bool {
		return strings.HasPrefix(name, "recipe.lds.") || strings.HasPrefix(name, "recipe.fds.kernel.")
	})
	for split, hash := range run.Manifest.Dataset.Files {
		rest["files."+split] = hash
	}
	if config.Recipe.LDS.Kind != "" {
		lds = &config.Recipe.LDS
	}
	if config.Recipe.FDS.Kernel.Kind != "" {
		fds = &config.Recipe.FDS.Kernel
	}
	return lds, fds, rest, nil
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
		for _, side := range []map[string]string{s.fields, o.fields} {
			for name := range side {
				if s.fields[name] != o.fields[name] && !slices.Contains(fields, name) {
					fields = append(fields, name)
				}
			}
		}
	}
	slices.Sort(fields)
	if others == 0 {
		return ""
	}
	return fmt.Sprintf("another table of %s differs in %s, so its runs are not averaged with these", s.runs[0].Manifest.Method, listed(fields))
}
