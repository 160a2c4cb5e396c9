package convert

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// Protocol draws the rows of a stress test: training labels are dense in some places and rare or absent in others, test
// labels are uniform. The three protocols are those of the review of deep imbalanced regression by Pütz et al.
// (Artificial Intelligence Review, 2026) on AgeDB; see [NewProtocol].
type Protocol struct {
	Name string
	// Peaks are where training labels are dense: label a has the weight Σ exp(-Decay (a-peak)²). Without peaks all labels
	// have the same one.
	Peaks []float64
	Decay float64
	// Gap are labels without training and validation rows.
	Gap datasets.LabelRanges
	// Range are the labels that are used at all; empty: all.
	Range datasets.LabelRanges
}

// Protocols are the names of the review's protocols.
var Protocols = []string{Extrapolation, Interpolation, BlindSpot}

const (
	Extrapolation = "extrapolation"
	Interpolation = "interpolation"
	BlindSpot     = "blind-spot"
)

// NewProtocol returns a protocol of the review as it was drawn there, for labels that are ages.
func NewProtocol(name string) (Protocol, error) {
	switch name {
	case Extrapolation:
		return Protocol{Name: name, Peaks: []float64{50}, Decay: 0.01}, nil
	case Interpolation:
		return Protocol{Name: name, Peaks: []float64{25, 80}, Decay: 0.01}, nil
	case BlindSpot:
		return Protocol{Name: name, Gap: datasets.LabelRanges{{Low: 47, High: 53}},
			Range: datasets.LabelRanges{{Low: 20, High: 73}}}, nil
	}
	return Protocol{}, fmt.Errorf("protocol %.40q: expected one of %s", name, strings.Join(Protocols, ", "))
}

// Validate reports a setting that no protocol can have.
func (p Protocol) Validate() error {
	switch {
	case len(p.Peaks) > 0 && (!(p.Decay > 0) || math.IsInf(p.Decay, 0)):
		return fmt.Errorf("decay %g: expected a positive number", p.Decay)
	case slices.ContainsFunc(p.Peaks, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }):
		return fmt.Errorf("peaks %v: expected finite numbers", p.Peaks)
	}
	return nil
}

// weight is how dense training labels are at a label.
func (p Protocol) weight(label float64) float64 {
	if len(p.Peaks) == 0 {
		return 1
	}
	sum := 0.0
	for _, peak := range p.Peaks {
		sum += math.Exp(-p.Decay * (label - peak) * (label - peak))
	}
	return sum
}

// fullTestBins: a bin that cannot fill its part of test has none.
func (p Protocol) fullTestBins() bool { return p.Name != BlindSpot }

// insideTest: training labels stay between the least and the largest test label.
func (p Protocol) insideTest() bool { return p.Name != Extrapolation }

// oversampling is how many rows are to be drawn for each there is, before a bin's number is cut to its rows. It is the
// review's.
const oversampling = 4

// Row is what becomes of a row: how often it stands in the table, and in which split.
type Row struct {
	Split datasets.Split
	Times int
}

// Draw divides samples as the review did. Of the N samples, those of a bin with weight w, out of a sum W over all bins
// that hold one, are drawn n = min(floor(4 N w/W), number in the bin) times, with replacement. Samples that were never
// Row are the pool of test: limit of each bin, or as many as it has, with replacement. A tenth of the drawn training
// rows go to val; copies of an image in val leave train. The weight of a bin is that of its mean label. A sample may
// stand several times in one split, never in two. What is drawn depends on the seed and the labels, not on their order
// within other bins; it is not what the review's Python code draws.
func (p Protocol) Draw(labels []float64, width float64, limit int, seed uint64) ([]Row, error) {
	bins := p.bins(labels, width)
	rows, used := make([]Row, len(labels)), make([]bool, len(labels))
	train := p.drawTrain(bins, seed)
	for _, i := range train {
		used[i] = true
	}
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, b := range bins {
		pool := slices.DeleteFunc(slices.Clone(b.members), func(i int) bool { return used[i] })
		if len(pool) < limit && p.fullTestBins() {
			continue
		}
		for _, i := range draw(pool, min(len(pool), limit), seed, fmt.Sprintf("protocol test rows of bin %g", b.number)) {
			rows[i].Split, rows[i].Times = datasets.Test, rows[i].Times+1
			lowest, highest = min(lowest, labels[i]), max(highest, labels[i])
		}
	}
	if lowest > highest {
		return nil, fmt.Errorf("no label bin of width %g has %d rows left for test: use wider bins or a smaller cap", width,
			limit)
	}
	train = slices.DeleteFunc(train, func(i int) bool {
		return p.insideTest() && (labels[i] < lowest || labels[i] > highest)
	})
	p.divide(rows, train, labels, seed)
	for _, split := range []datasets.Split{datasets.Train, datasets.Val} {
		if !slices.ContainsFunc(rows, func(r Row) bool { return r.Split == split && r.Times > 0 }) {
			return nil, fmt.Errorf("protocol %s leaves no %s rows: are its peaks, gap and range those of the labels?", p.Name,
				split)
		}
	}
	return rows, nil
}

// divide gives a tenth of the drawn rows to val and the others, but for copies of those, to train.
func (p Protocol) divide(rows []Row, train []int, labels []float64, seed uint64) {
	rng := datasets.Stream(seed, "protocol validation rows")
	rng.Shuffle(len(train), func(i, j int) { train[i], train[j] = train[j], train[i] })
	held := int(math.Round(float64(len(train)) / 10))
	for rank, i := range train {
		split := datasets.Train
		if rank < held {
			split = datasets.Val
		}
		switch {
		case p.Gap.Contains(float32(labels[i])):
		case rows[i].Times == 0 || rows[i].Split == split:
			rows[i] = Row{split, rows[i].Times + 1}
		}
	}
}

// drawTrain draws the rows that become train and val, by bin.
func (p Protocol) drawTrain(bins []labelledBin, seed uint64) (train []int) {
	total, rows := 0.0, 0
	for _, b := range bins {
		total, rows = total+p.weight(b.mean), rows+len(b.members)
	}
	for _, b := range bins {
		n := math.Floor(oversampling * float64(rows) * p.weight(b.mean) / total)
		if !(n > 0) {
			continue // also of weights that are all 0
		}
		n = min(n, float64(len(b.members)))
		train = append(train, draw(b.members, int(n), seed, fmt.Sprintf("protocol training rows of bin %g", b.number))...)
	}
	return train
}

// draw draws n of the members with replacement.
func draw(members []int, n int, seed uint64, purpose string) []int {
	rng := datasets.Stream(seed, purpose)
	rows := make([]int, n)
	for i := range rows {
		rows[i] = members[rng.IntN(len(members))]
	}
	return rows
}

// labelledBin is a bin that holds samples.
type labelledBin struct {
	number  float64
	mean    float64 // of its labels
	members []int
}

// bins returns the bins of the labels that the protocol uses, by label.
func (p Protocol) bins(labels []float64, width float64) []labelledBin {
	byNumber := map[float64]*labelledBin{}
	for i, label := range labels {
		if len(p.Range) > 0 && !p.Range.Contains(float32(label)) {
			continue
		}
		number := datasets.BinNumber(label, width)
		if byNumber[number] == nil {
			byNumber[number] = &labelledBin{number: number}
		}
		b := byNumber[number]
		b.members = append(b.members, i)
		b.mean += (label - b.mean) / float64(len(b.members))
	}
	var bins []labelledBin
	for _, b := range byNumber {
		bins = append(bins, *b)
	}
	slices.SortFunc(bins, func(a, b labelledBin) int { return cmp.Compare(a.number, b.number) })
	return bins
}
