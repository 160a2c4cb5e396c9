package datasets

import (
	"fmt"
	"math"
	"slices"
)

// Stats describes the label distribution of a dataset.
type Stats struct {
	Name           string       `json:"name"`
	Title          string       `json:"title"`
	Modality       Modality     `json:"modality"`
	Twin           bool         `json:"twin"`
	Source         string       `json:"source"`
	Licence        string       `json:"licence"`
	LabelSpace     LabelSpace   `json:"label_space"`
	Shots          ShotRule     `json:"shots"`
	ImbalanceRatio float64      `json:"imbalance_ratio"` // largest over smallest count of the training bins in use
	Splits         []SplitStats `json:"splits"`          // in the order of Splits
	Bins           []BinStats   `json:"bins"`            // one for each bin of the label space
}

// SplitStats describes the labels of one split, in label units.
type SplitStats struct {
	Split   Split         `json:"split"`
	Rows    int           `json:"rows"`
	Min     float32       `json:"min"`
	Median  float32       `json:"median"`
	Max     float32       `json:"max"`
	Regions []RegionStats `json:"regions"` // in the order of Regions
}

// RegionStats is the part of a split in one shot region.
type RegionStats struct {
	Region  string `json:"region"`
	Bins    int    `json:"bins"`    // that hold a sample of the split
	Samples int    `json:"samples"` // or pixels, where labels are dense
	// MedianMAE is the mean absolute error of predicting the median training label for every sample, what a model has
	// to beat; nil without samples.
	MedianMAE *float64 `json:"median_mae"`
}

// BinStats is one bin of the label space.
type BinStats struct {
	Lower  float64 `json:"lower"` // smallest label
	Region string  `json:"region"`
	Train  int     `json:"train"` // samples
	Val    int     `json:"val"`
	Test   int     `json:"test"`
}

// Stats computes the statistics from dataset.yaml and the label columns. A split without samples is an error. Where
// labels are dense they are known by their bins only, so their statistics are those of the bins' centres.
func (d *Dataset) Stats() (Stats, error) {
	m := d.Meta
	s := Stats{
		Name: m.Name, Title: m.Title, Modality: m.Modality, Twin: m.Twin, Source: m.Source, Licence: m.Licence,
		LabelSpace: m.LabelSpace, Shots: m.Shots, ImbalanceRatio: imbalanceRatio(d.TrainCounts()),
	}
	regions := d.Regions()
	counts := map[Split][]int{}
	for _, split := range Splits {
		if m.Modality.Dense() {
			counts[split] = m.Splits[split].Counts
			s.Splits = append(s.Splits, denseStats(m, split, regions))
			s.Splits[len(s.Splits)-1].addDenseMAE(s.Splits[0].Median, counts[split], regions, m.LabelSpace)
			continue
		}
		labels, err := d.Labels(split)
		if err != nil {
			return Stats{}, err
		}
		if len(labels) == 0 {
			return Stats{}, fmt.Errorf("%s: split %s is empty", d.Dir, split)
		}
		counts[split] = m.LabelSpace.Count(labels)
		s.Splits = append(s.Splits, splitStats(split, labels, counts[split], regions))
		s.Splits[len(s.Splits)-1].addMedianMAE(s.Splits[0].Median, labels, regions, m.LabelSpace)
	}
	for bin, region := range regions {
		s.Bins = append(s.Bins, BinStats{
			Lower: m.LabelSpace.Lower(bin), Region: region.String(),
			Train: counts[Train][bin], Val: counts[Val][bin], Test: counts[Test][bin],
		})
	}
	return s, nil
}

func splitStats(split Split, labels []float32, counts []int, regions []Region) SplitStats {
	slices.Sort(labels)
	middle := len(labels) / 2
	median := labels[middle]
	if len(labels)%2 == 0 {
		median = (labels[middle-1] + labels[middle]) / 2
	}
	s := SplitStats{Split: split, Rows: len(labels), Min: labels[0], Median: median, Max: labels[len(labels)-1]}
	s.addRegions(counts, regions)
	return s
}

// addRegions sums the counts of the bins by region.
func (s *SplitStats) addRegions(counts []int, regions []Region) {
	for _, region := range Regions {
		s.Regions = append(s.Regions, RegionStats{Region: region.String()})
	}
	for bin, n := range counts {
		if n > 0 {
			s.Regions[regions[bin]].Bins++
			s.Regions[regions[bin]].Samples += n
		}
	}
}

func (s *SplitStats) addMedianMAE(median float32, labels []float32, regions []Region, space LabelSpace) {
	sums := make([]float64, len(s.Regions))
	for _, label := range labels {
		sums[regions[space.Bin(label)]] += math.Abs(float64(label) - float64(median))
	}
	s.setMAE(sums)
}

// setMAE sets the mean of each region, given the sum of its absolute errors.
func (s *SplitStats) setMAE(sums []float64) {
	for i, sum := range sums {
		if n := s.Regions[i].Samples; n > 0 {
			mean := sum / float64(n)
			s.Regions[i].MedianMAE = &mean
		}
	}
}

// imbalanceRatio is the largest over the smallest count of the bins in use, as the papers on long-tailed and
// imbalanced data define it.
func imbalanceRatio(counts []int) float64 {
	used := slices.DeleteFunc(counts, func(n int) bool { return n == 0 })
	if len(used) == 0 {
		return 0
	}
	return float64(slices.Max(used)) / float64(slices.Min(used))
}

// denseStats describes a split whose labels are known by their bins only.
func denseStats(m Meta, split Split, regions []Region) SplitStats {
	part, space := m.Splits[split], m.LabelSpace
	s := SplitStats{Split: split, Rows: part.Rows}
	total, below, first := 0, 0, true
	for _, n := range part.Counts {
		total += n
	}
	for bin, n := range part.Counts {
		if n == 0 {
			continue
		}
		if first {
			s.Min, first = float32(space.Lower(bin)), false
		}
		if 2*below < total {
			s.Median = binCentre(space, bin)
		}
		below += n
		s.Max = float32(space.Lower(bin) + space.WidthOf(bin))
	}
	s.addRegions(part.Counts, regions)
	return s
}

func binCentre(space LabelSpace, bin int) float32 { return float32(space.Middle(bin)) }

func (s *SplitStats) addDenseMAE(median float32, counts []int, regions []Region, space LabelSpace) {
	sums := make([]float64, len(s.Regions))
	for bin, n := range counts {
		sums[regions[bin]] += float64(n) * math.Abs(float64(binCentre(space, bin)-median))
	}
	s.setMAE(sums)
}
