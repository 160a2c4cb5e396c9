// Package methods holds the methods of deep imbalanced regression as parts that work in any GoMLX model:
// label distribution smoothing and re-weighting, losses, feature distribution smoothing, and the composition of such
// parts into a named method.
//
// LDS and FDS are of Yang, Zha, Chen, Wang, Katabi: Delving into Deep Imbalanced Regression (ICML 2021).
package methods

import (
	"fmt"
	"slices"
	"strings"
)

// Method is a composition of a base with label and feature distribution smoothing, written base[+lds][+fds].
type Method struct {
	Base
	LDS, FDS bool
}

// Base is what a method starts from.
type Base struct {
	Name    string
	Summary string // one line for a list
	// Reweight is ReweightNone, one particular rule, or ReweightDefault.
	Reweight Reweight
	// Focal replaces the benchmark's loss by its Focal-R form.
	Focal bool
	// RetrainRegressor makes the method the second stage of RRT (regressor re-training): the encoder comes frozen from a
	// first stage and only a newly initialised regressor is trained.
	RetrainRegressor bool
	// Resample replaces the training rows before anything else sees them; the weights follow from the new ones.
	Resample Resample
}

// ReweightDefault is the rule that the benchmark's published recipe uses: SQINV for age, INV elsewhere.
const ReweightDefault Reweight = "default"

// Parse reads a method name: a base, "lds" or "fds" for the vanilla base, then "+lds" and "+fds" in any order.
func Parse(name string) (Method, error) {
	var m Method
	for i, part := range strings.Split(name, "+") {
		base, known := bases[part]
		switch {
		case part == "lds" && !m.LDS:
			m.LDS = true
		case part == "fds" && !m.FDS:
			m.FDS = true
		case known && i == 0:
			m.Base = base
		case known:
			return Method{}, fmt.Errorf("method %q: %q must come first", name, part)
		default:
			return Method{}, fmt.Errorf("method %q: %q is unknown or repeated; expected BASE[+lds][+fds] with BASE one of %s",
				name, part, strings.Join(BaseNames(), ", "))
		}
	}
	if m.Base.Name == "" {
		m.Base = bases[vanilla]
	}
	return m, nil
}

// String returns the canonical name: "vanilla", "lds+fds", "rrt+lds".
func (m Method) String() string {
	parts := []string{m.Base.Name}
	if m.LDS {
		parts = append(parts, "lds")
	}
	if m.FDS {
		parts = append(parts, "fds")
	}
	if m.Base.Name == vanilla && len(parts) > 1 {
		parts = parts[1:]
	}
	return strings.Join(parts, "+")
}

// WeightRule returns the re-weighting rule of the method's training, given the one of the benchmark's recipe. LDS
// smooths a density, so it needs a rule even over a base without one.
func (m Method) WeightRule(recipe Reweight) Reweight {
	if m.Reweight == ReweightDefault || (m.LDS && m.Reweight == ReweightNone) {
		return recipe
	}
	return m.Reweight
}

// FirstStage returns the method whose encoder this one starts from, and false for a method of one stage. The first
// stage carries FDS, which shapes the encoder, but no re-weighting, which is the second stage's part.
func (m Method) FirstStage() (Method, bool) {
	if !m.RetrainRegressor {
		return Method{}, false
	}
	return Method{Base: bases[vanilla], FDS: m.FDS}, true
}

// Describe returns one line for a list.
func (m Method) Describe() string {
	text := m.Summary
	if m.LDS {
		text += ", with label distribution smoothing"
	}
	if m.FDS {
		text += ", with feature distribution smoothing"
	}
	return text
}

const vanilla = "vanilla"

var (
	bases     = map[string]Base{}
	baseOrder []string
)

// The bases. A new one is a line here and, if it brings a new part, a file beside this one.
func init() {
	register(Base{Name: vanilla, Reweight: ReweightNone, Summary: "the benchmark's plain loss"})
	register(Base{Name: "sqinv", Reweight: ReweightSqrtInv, Summary: "square-root inverse re-weighting"})
	register(Base{Name: "inv", Reweight: ReweightInv, Summary: "inverse re-weighting"})
	register(Base{Name: "focal-r", Reweight: ReweightNone, Focal: true, Summary: "Focal-R: loss scaled by a function of the error"})
	register(Base{Name: "rrt", Reweight: ReweightDefault, RetrainRegressor: true,
		Summary: "regressor re-training: frozen encoder, re-weighted second stage"})
	register(Base{Name: "smoter", Reweight: ReweightNone, Resample: ResampleSMOTER,
		Summary: "SMOTER: rare labels over-sampled by interpolation between neighbours, frequent ones under-sampled"})
	register(Base{Name: "smogn", Reweight: ReweightNone, Resample: ResampleSMOGN,
		Summary: "SMOGN: SMOTER with Gaussian noise in place of neighbours that are far"})
}

func register(b Base) {
	if _, twice := bases[b.Name]; twice {
		panic("methods: base " + b.Name + " registered twice")
	}
	bases[b.Name] = b
	baseOrder = append(baseOrder, b.Name)
}

// BaseNames returns the names of all bases in the order of registration.
func BaseNames() []string { return slices.Clone(baseOrder) }

// Names returns the canonical names of all compositions: every base with none, either and both of LDS and FDS.
func Names() []string {
	var names []string
	for _, name := range baseOrder {
		for _, on := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			names = append(names, Method{Base: bases[name], LDS: on[0], FDS: on[1]}.String())
		}
	}
	return names
}
