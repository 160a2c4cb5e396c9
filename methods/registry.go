package methods

import "slices"

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
