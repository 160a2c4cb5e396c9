package methods

import (
	"errors"
	"fmt"
	"slices"
)

// Composition is one or more methods that are trained together, in canonical order. Its name is theirs joined by "+",
// each with the settings that are not the published ones: "rrt+lds", "sqinv+ranksim(gamma=50)".
type Composition []Part

// Part is a method of a composition.
type Part struct {
	Method
	// Given are the settings that its name has, by field.
	Given map[string]string
	// Values are all of its settings, as Method.Settings returns them; nil if it has none, and before [Composition.For].
	Values any

	traits Traits // of the benchmark, after [Composition.For]
}

// Refusal returns why a benchmark cannot have the composition, nil if it can.
func (c Composition) Refusal(t Traits) error {
	var reasons []error
	said := map[string]bool{}
	for _, p := range c {
		if reason := p.Method.Refusal(t); reason != nil && !said[reason.Error()] {
			said[reason.Error()] = true
			reasons = append(reasons, reason)
		}
	}
	return errors.Join(reasons...)
}

func (c Composition) any(does func(Part) bool) bool { return slices.ContainsFunc(c, does) }

// LDS reports whether the composition smooths the label density.
func (c Composition) LDS() bool { return c.any(func(p Part) bool { return p.SmoothsLabels }) }

// Prepares reports whether it has something to compute from the training labels before the first step.
func (c Composition) Prepares() bool { return c.any(func(p Part) bool { return p.Prepare != nil }) }

// FDS reports whether it calibrates features.
func (c Composition) FDS() bool { return c.any(func(p Part) bool { return p.SmoothsFeatures }) }

// Focal reports whether its loss is the benchmark's Focal-R form.
func (c Composition) Focal() bool { return c.any(func(p Part) bool { return p.Focal }) }

// Stage returns how its training differs from the recipe's. Before [Composition.For] it is the published one.
func (c Composition) Stage() Stage {
	for _, p := range c {
		if p.Method.Stage == nil {
			continue
		}
		values := p.Values
		if values == nil && p.Settings != nil {
			values = p.Settings(p.traits)
		}
		return p.Method.Stage(values)
	}
	return Stage{}
}

// EncoderOnly reports whether its training has no head.
func (c Composition) EncoderOnly() bool {
	return c.any(func(p Part) bool { return p.Method.EncoderOnly })
}

// Resample returns how it resamples the training rows.
func (c Composition) Resample() Resample {
	for _, p := range c {
		if p.Method.Resample != ResampleNone {
			return p.Method.Resample
		}
	}
	return ResampleNone
}

// WithoutResampling returns the composition as it is on the original training rows.
func (c Composition) WithoutResampling() Composition {
	return slices.DeleteFunc(slices.Clone(c), func(p Part) bool { return p.Method.Resample != ResampleNone })
}

// WeightRule returns the re-weighting rule of the training, given the one of the benchmark's recipe. LDS smooths a
// density, so it brings the recipe's rule where no method has another.
func (c Composition) WeightRule(recipe Reweight) Reweight {
	rule := ReweightNone
	for _, p := range c {
		switch {
		case p.Weights != nil || p.Method.Head != nil:
			return ReweightNone
		case p.Reweight == ReweightDefault && rule == ReweightNone:
			rule = recipe
		case p.Reweight != "" && p.Reweight != ReweightDefault:
			return p.Reweight
		}
	}
	return rule
}

// FirstStage returns the composition whose encoder this one starts from, and false for one of one stage. The first
// stage has what shapes the encoder, but no re-weighting, which is the second stage's part.
func (c Composition) FirstStage() (Composition, bool) {
	from := c.Stage().From
	if from == "" {
		return nil, false
	}
	first, err := Parse(from)
	if err == nil {
		first, err = first.For(c[0].traits)
	}
	if err != nil {
		panic(fmt.Sprintf("methods: %s starts from %q: %v", c, from, err)) // the method's author gave another name
	}
	shaping := slices.DeleteFunc(slices.Clone(c), func(p Part) bool { return !p.SmoothsFeatures && !p.ShapesFeatures })
	if len(shaping) > 0 && from == vanilla {
		return shaping, true
	}
	first = append(first, shaping...)
	first.sort()
	return first, true
}

// EndsEpochs reports whether a method of the composition has something to do at the end of an epoch.
func (c Composition) EndsEpochs() bool { return c.any(func(p Part) bool { return p.EndEpoch != nil }) }

// Copies returns how many augmented copies of a row the steps of a training read, and how many of them are views beside
// the plain one. The training is a second stage or not.
func (c Composition) Copies(second bool) (all, beside int) {
	all = 1
	for _, p := range c.Hooks(second) {
		switch {
		case p.ViewsAlone:
			return p.Views, 0
		case p.Views > 0:
			all, beside = 1+p.Views, p.Views
		}
	}
	return all, beside
}

// Hooks returns the methods whose hooks are called in a training, which is a second stage or not.
func (c Composition) Hooks(second bool) Composition {
	return slices.DeleteFunc(slices.Clone(c), func(p Part) bool { return second && p.ShapesFeatures })
}
