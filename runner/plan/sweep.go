package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
)

// Sweep makes an entry of a suite stand for many: one for every combination of the kernels of label and of feature
// distribution smoothing that it lists. A run whose method uses neither is there once.
type Sweep struct {
	LDS KernelSweep `yaml:"lds"` // of recipe.lds
	FDS KernelSweep `yaml:"fds"` // of recipe.fds.kernel
}

// KernelSweep lists values of a kernel's fields; one without values keeps the recipe's.
type KernelSweep struct {
	Kind  []string  `yaml:"kind,flow"`
	Size  []int     `yaml:"size,flow"`
	Sigma []float64 `yaml:"sigma,flow"` // not for a triangle, which has none
}

// mostCombinations bounds the recipes of an entry: a list too many is a slip, and a plan of millions would not end.
const mostCombinations = 1000

// recipes returns the recipe in all combinations, or alone without a sweep.
func (s *Sweep) recipes(base task.Recipe) ([]task.Recipe, error) {
	if s == nil {
		return []task.Recipe{base}, nil
	}
	if s.LDS.empty() && s.FDS.empty() {
		return nil, errors.New("expected lds or fds with lists of kind, size or sigma")
	}
	if n := s.LDS.most() * s.FDS.most(); n > mostCombinations {
		return nil, fmt.Errorf("%.0f combinations: expected at most %d", n, mostCombinations)
	}
	var list []task.Recipe
	for _, lds := range s.LDS.kernels(base.LDS) {
		if err := lds.Validate(); err != nil {
			return nil, fmt.Errorf("lds: %w", err)
		}
		for _, fds := range s.FDS.kernels(base.FDS.Kernel) {
			if err := fds.Validate(); err != nil {
				return nil, fmt.Errorf("fds: %w", err)
			}
			recipe := base
			recipe.LDS, recipe.FDS.Kernel = lds, fds
			if err := recipe.FDS.Validate(); err != nil {
				return nil, err // begins with fds
			}
			list = append(list, recipe)
		}
	}
	return list, nil
}

func (s KernelSweep) empty() bool { return len(s.Kind)+len(s.Size)+len(s.Sigma) == 0 }

// most is the number of combinations if no kernel is a triangle; a float, which does not overflow.
func (s KernelSweep) most() float64 {
	return float64(max(1, len(s.Kind))) * float64(max(1, len(s.Size))) * float64(max(1, len(s.Sigma)))
}

// kernels returns every combination, with the base's values where nothing is listed.
func (s KernelSweep) kernels(base methods.Kernel) []methods.Kernel {
	var list []methods.Kernel
	for _, kind := range orElse(s.Kind, base.Kind) {
		sigmas := orElse(s.Sigma, base.Sigma)
		if kind == methods.Triangle {
			sigmas = []float64{base.Sigma}
		}
		for _, size := range orElse(s.Size, base.Size) {
			for _, sigma := range sigmas {
				list = append(list, methods.Kernel{Kind: kind, Size: size, Sigma: sigma})
			}
		}
	}
	return list
}

// orElse returns the list or, if it is empty, the one value.
func orElse[T any](list []T, value T) []T {
	if len(list) == 0 {
		return []T{value}
	}
	return list
}

// varies says which of the swept settings a method uses, and their values in a recipe: "lds.size=9 fds.sigma=2".
func (s *Sweep) varies(recipe task.Recipe, m methods.Composition) string {
	if s == nil {
		return ""
	}
	var list []string
	if m.LDS() {
		list = append(list, s.LDS.varies("lds", recipe.LDS)...)
	}
	if m.FDS() {
		list = append(list, s.FDS.varies("fds", recipe.FDS.Kernel)...)
	}
	return strings.Join(list, " ")
}

func (s KernelSweep) varies(name string, k methods.Kernel) (list []string) {
	if len(s.Kind) > 0 {
		list = append(list, fmt.Sprintf("%s.kind=%s", name, k.Kind))
	}
	if len(s.Size) > 0 {
		list = append(list, fmt.Sprintf("%s.size=%d", name, k.Size))
	}
	if len(s.Sigma) > 0 && k.Kind != methods.Triangle {
		list = append(list, fmt.Sprintf("%s.sigma=%g", name, k.Sigma))
	}
	return list
}
