package methods

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Resample says how the training rows are resampled before training.
type Resample string

// The resampling methods. Both under-sample regions of frequent labels and over-sample regions of rare ones: SMOTER
// (Torgo, Ribeiro, Pfahringer, Branco: SMOTE for Regression, 2013) by interpolation between neighbours, SMOGN (Branco,
// Torgo, Ribeiro: SMOGN: a Pre-processing Approach for Imbalanced Regression, 2017) by Gaussian noise where neighbours
// are far.
const (
	ResampleNone   Resample = ""
	ResampleSMOTER Resample = "smoter"
	ResampleSMOGN  Resample = "smogn"
)

func init() {
	sampled := func(t Traits) error {
		if t.Dense {
			return errors.New("labels are dense, there is no sample to interpolate towards")
		}
		return nil
	}
	Register(Method{Name: "smoter", Resample: ResampleSMOTER, Fits: sampled,
		Paper:   "Torgo, Ribeiro, Pfahringer, Branco, SMOTE for Regression, EPIA 2013",
		Summary: "SMOTER: rare labels over-sampled by interpolation between neighbours, frequent ones under-sampled"})
	Register(Method{Name: "smogn", Resample: ResampleSMOGN, Fits: sampled,
		Paper:   "Branco, Torgo, Ribeiro, SMOGN: a Pre-processing Approach for Imbalanced Regression, LIDTA 2017",
		Summary: "SMOGN: SMOTER with Gaussian noise in place of neighbours that are far"})
}

// ResampleOptions are the settings of SMOTER and SMOGN. The code released with Yang et al. 2021 has neither method, so
// the settings behind the published SMOTER and SMOGN rows are unknown. These are this project's own choice, and results
// need not agree with those rows.
type ResampleOptions struct {
	K            int     `yaml:"k" json:"k"`                       // neighbours to choose from
	Threshold    float64 `yaml:"threshold" json:"threshold"`       // relevance from which a bin is rare
	Perturbation float64 `yaml:"perturbation" json:"perturbation"` // noise of SMOGN as a share of the standard deviation
}

// DefaultResample returns the settings of every recipe: 5 neighbours, threshold 0.8, perturbation 0.02.
func DefaultResample() ResampleOptions {
	return ResampleOptions{K: 5, Threshold: 0.8, Perturbation: 0.02}
}

// Validate reports the first thing wrong with the settings.
func (o ResampleOptions) Validate() error {
	switch {
	case o.K < 1:
		return fmt.Errorf("resample: k %d: expected at least 1", o.K)
	case !(o.Threshold > 0) || o.Threshold >= 1:
		return fmt.Errorf("resample: threshold %g: expected more than 0 and less than 1", o.Threshold)
	case !(o.Perturbation >= 0) || o.Perturbation > 1:
		return fmt.Errorf("resample: perturbation %g: expected 0 to 1", o.Perturbation)
	}
	return nil
}

// Synthetic is a training row made of others: x = (1-Share) x_First + Share x_Second, plus Gaussian noise.
type Synthetic struct {
	First, Second int     // rows of the original training set; the same one where there is only noise
	Region        int     // of both, in Resampled.Filled
	Share         float64 // of Second, 0 to 1
	Noise         float64 // standard deviation of the noise as a share of the input's; 0: none
	Seed          uint64  // of the noise
	Label         float32 // within the range of the original labels
}

// Resampled is a training set after resampling.
type Resampled struct {
	Keep      []int // original rows that stay, ascending
	Synthetic []Synthetic
	Filled    [][]int // original rows of each region that has synthetic ones
}

// Resampler resamples a training set. LDS, when given, smooths the density that decides which labels are rare.
type Resampler struct {
	Kind    Resample // SMOTER or SMOGN
	Options ResampleOptions
	LDS     *Kernel
	Padding Padding // of LDS
	// Phi, unless nil, is the relevance of each bin, in place of that by [Relevance].
	Phi []float64
	// Squared, unless nil, is the squared distance between two rows, in place of that of descriptors. It is called from
	// several goroutines.
	Squared func(a, b int) float32
	// Inverted turns the sizes of regions around instead of making them equal ("extreme" in Branco's package UBL).
	Inverted bool
}

// Rows returns the number of rows after resampling, from the number of rows in each bin.
func (r Resampler) Rows(counts []int) int {
	var bins []int
	for bin, n := range counts {
		bins = append(bins, slices.Repeat([]int{bin}, n)...)
	}
	total := 0
	for _, n := range sizes(r.regions(bins, counts), r.Inverted) {
		total += n
	}
	return total
}

func (r Resampler) regions(bins, counts []int) []region {
	phi := r.Phi
	if phi == nil {
		phi = Relevance(counts, r.LDS, r.Padding)
	}
	return regions(bins, phi, r.Options.Threshold)
}

// Apply resamples n rows with the given labels and bins, each below binCount. Bins fall into regions, rare and normal
// (see [Relevance]). Of R regions each is to hold n/R rows: a larger normal one is cut down to that, a smaller rare one
// filled up with synthetic rows. Neighbours are the nearest within a region by the Euclidean distance of descriptors,
// which describe returns for the rows that need one, all of one length; it is called from one goroutine, and may be nil
// where Squared is given. A row that is alone in its region is its own neighbour.
//
// The same arguments give the same result. It is an error if no label is rare.
func (r Resampler) Apply(labels []float32, bins []int, binCount int, describe func(row int) []float32, seed uint64) (
	Resampled, error) {
	if err := r.validate(labels, bins, binCount); err != nil {
		return Resampled{}, err
	}
	counts := make([]int, binCount)
	for _, bin := range bins {
		counts[bin]++
	}
	all := r.regions(bins, counts)
	if !slices.ContainsFunc(all, func(g region) bool { return g.rare }) {
		return Resampled{}, fmt.Errorf("%s: no label has a relevance of %g or more, so there is nothing to over-sample; "+
			"lower the threshold",
			r.Kind, r.Options.Threshold)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	var result Resampled
	for i, size := range sizes(all, r.Inverted) {
		rows := all[i].rows
		for _, at := range random.Perm(len(rows))[:min(size, len(rows))] {
			result.Keep = append(result.Keep, rows[at])
		}
		if missing := size - len(rows); missing > 0 {
			made := r.fill(rows, missing, labels, describe, random)
			for j := range made {
				made[j].Region = len(result.Filled)
			}
			result.Synthetic, result.Filled = append(result.Synthetic, made...), append(result.Filled, rows)
		}
	}
	slices.Sort(result.Keep)
	low, high := slices.Min(labels), slices.Max(labels)
	for i := range result.Synthetic {
		result.Synthetic[i].Label = min(max(result.Synthetic[i].Label, low), high)
	}
	return result, nil
}

func (r Resampler) validate(labels []float32, bins []int, binCount int) error {
	if r.Kind != ResampleSMOTER && r.Kind != ResampleSMOGN {
		return fmt.Errorf("resampling %q: expected smoter or smogn", r.Kind)
	}
	if err := r.Options.Validate(); err != nil {
		return err
	}
	if r.LDS != nil {
		if err := r.LDS.Validate(); err != nil {
			return err
		}
	}
	if r.Phi != nil && len(r.Phi) != binCount {
		return fmt.Errorf("%s: the relevance of %d bins: expected that of %d", r.Kind, len(r.Phi), binCount)
	}
	if len(labels) == 0 || len(bins) != len(labels) {
		return fmt.Errorf("%s: %d labels, %d bins: expected as many bins as labels, and at least one", r.Kind, len(labels),
			len(bins))
	}
	for row, bin := range bins {
		if bin < 0 || bin >= binCount {
			return fmt.Errorf("%s: row %d: bin %d: expected 0 to %d", r.Kind, row, bin, binCount-1)
		}
	}
	return nil
}

// fill makes so many synthetic rows of a region: as many from each row, and the remainder from rows drawn at random.
func (r Resampler) fill(rows []int, missing int, labels []float32, describe func(int) []float32,
	random *rand.Rand) []Synthetic {
	near := neighbourhoods(rows, r.squared(rows, describe), r.Options.K, r.Kind == ResampleSMOGN)
	spread := deviation(rows, labels)
	made := make([]Synthetic, 0, missing)
	for i := range rows {
		for range missing / len(rows) {
			made = append(made, r.synthesise(rows[i], near[i], labels, spread, random))
		}
	}
	for _, i := range random.Perm(len(rows))[:missing%len(rows)] {
		made = append(made, r.synthesise(rows[i], near[i], labels, spread, random))
	}
	return made
}

// squared returns the squared distance between two of the rows of a region, by their places in it.
func (r Resampler) squared(rows []int, describe func(int) []float32) func(i, j int) float32 {
	if r.Squared != nil {
		return func(i, j int) float32 { return r.Squared(rows[i], rows[j]) }
	}
	descriptors := make([][]float32, len(rows))
	for i, row := range rows {
		descriptors[i] = describe(row)
	}
	return func(i, j int) float32 { return squaredDistance(descriptors[i], descriptors[j]) }
}

// synthesise makes a row from one and a random neighbour of it. The label is the mean of both labels, each weighted by
// the distance to the other, of which an interpolated row has Share and 1-Share.
func (r Resampler) synthesise(row int, near neighbourhood, labels []float32, spread float64,
	random *rand.Rand) Synthetic {
	made := Synthetic{First: row, Second: row, Seed: random.Uint64(), Label: labels[row]}
	distance := math.Inf(1)
	if len(near.rows) > 0 {
		i := random.IntN(len(near.rows))
		made.Second, distance = near.rows[i], near.distances[i]
	}
	if r.Kind == ResampleSMOGN && !(distance < near.safe) {
		made.Second = row
		made.Noise = min(near.safe, r.Options.Perturbation)
		made.Label += float32(random.NormFloat64() * made.Noise * spread)
		return made
	}
	made.Share = random.Float64()
	made.Label = float32((1-made.Share)*float64(labels[row]) + made.Share*float64(labels[made.Second]))
	return made
}

// deviation returns the standard deviation (ddof 1) of the labels of some rows, 0 for a single one.
func deviation(rows []int, labels []float32) float64 {
	if len(rows) < 2 {
		return 0
	}
	mean, squares := 0.0, 0.0
	for _, row := range rows {
		mean += float64(labels[row]) / float64(len(rows))
	}
	for _, row := range rows {
		d := float64(labels[row]) - mean
		squares += d * d
	}
	return math.Sqrt(squares / float64(len(rows)-1))
}
