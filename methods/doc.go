// Package methods holds the methods of deep imbalanced regression as parts that work in any GoMLX model:
// label distribution smoothing and re-weighting, losses, feature distribution smoothing, and the composition of such
// parts into a named method.
//
// LDS and FDS are of Yang, Zha, Chen, Wang, Katabi: Delving into Deep Imbalanced Regression (ICML 2021).
package methods

// Semantics chooses between the paper's algorithm and the behaviour of the authors' released PyTorch code.
type Semantics string

const (
	// Paper follows the algorithm as published.
	Paper Semantics = "paper"
	// Official reproduces the released code to rounding, its defects included: smoothed inverse counts are truncated
	// to integers, FDS whitens with statistics one epoch newer than those it re-colours with, computes them from
	// already smoothed features, and takes samples beyond the bucket range only where an edge label is present.
	Official Semantics = "official"
)

// Valid reports whether s is one of the two semantics.
func (s Semantics) Valid() bool { return s == Paper || s == Official }
