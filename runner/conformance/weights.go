package conformance

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

func checkKernels(c *comparison, content []byte) error {
	var windows []struct {
		Kernel   string
		KS       int
		Sigma    float64
		LDS, FDS []float64
	}
	if err := decode(content, &windows); err != nil {
		return err
	}
	for _, w := range windows {
		kernel := methods.Kernel{Kind: w.Kernel, Size: w.KS, Sigma: w.Sigma}
		if err := kernel.Validate(); err != nil {
			return err
		}
		name := fmt.Sprintf("%s(%d, %g)", w.Kernel, w.KS, w.Sigma)
		if err := c.add(name+" lds", kernel.LDSWindow(), w.LDS); err != nil {
			return err
		}
		if err := c.add(name+" fds", kernel.FDSWindow(), w.FDS); err != nil {
			return err
		}
	}
	return nil
}

// weightCase is one re-weighting setting of a vector file.
type weightCase struct {
	Reweight string
	LDS      bool
	Kernel   string
	KS       int
	Sigma    float64
}

func (w weightCase) String() string {
	return fmt.Sprintf("%s lds=%v %s(%d, %g)", w.Reweight, w.LDS, w.Kernel, w.KS, w.Sigma)
}

// weights returns the weights of the bins by a benchmark's rule, completed with the case's setting as in the released
// code.
func (w weightCase) weights(rule methods.Weighting, counts []int) ([]float64, error) {
	rules := map[string]methods.Reweight{"inverse": methods.ReweightInv, "sqrt_inv": methods.ReweightSqrtInv,
		"none": methods.ReweightNone}
	var known bool
	if rule.Reweight, known = rules[w.Reweight]; !known {
		return nil, fmt.Errorf("reweight %q: expected inverse, sqrt_inv or none", w.Reweight)
	}
	rule.Truncate = true
	if w.LDS {
		rule.LDS = &methods.Kernel{Kind: w.Kernel, Size: w.KS, Sigma: w.Sigma}
	}
	return rule.BinWeights(counts)
}

// trainLabels are the training labels of an age benchmark: a number of samples by label, or the labels one by one.
type trainLabels struct {
	Counts      map[string]int  `json:"train_count_per_label"`
	Labels      json.RawMessage `json:"labels"`
	TrainLabels json.RawMessage `json:"train_labels"`
}

// counts returns the number of samples of each bin.
func (t trainLabels) counts(space datasets.LabelSpace) ([]int, error) {
	counts := make([]int, space.Bins)
	for label, n := range t.Counts {
		bin, err := ageBin(space, label)
		if err != nil {
			return nil, err
		}
		counts[bin] += n
	}
	if len(t.Counts) > 0 {
		return counts, nil
	}
	for _, raw := range []json.RawMessage{t.Labels, t.TrainLabels} {
		var labels []float32
		if json.Unmarshal(raw, &labels) == nil { // else it says where they are
			for _, label := range labels {
				counts[space.Bin(label)]++
			}
		}
	}
	return counts, nil
}

func checkAgeWeights(c *comparison, content []byte) error {
	var v struct {
		trainLabels
		Target int `json:"max_target"` // ages from this one less 1 on are pooled
		Cases  []struct {
			weightCase
			Weights map[string]float64 `json:"weight_per_label"`
		}
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	space := datasets.AgeSpace()
	if v.Target > 0 {
		space.Bins = v.Target
	}
	counts, err := v.counts(space)
	if err != nil {
		return err
	}
	for _, k := range v.Cases {
		weights, err := k.weights(methods.Weighting{Padding: methods.ZeroPadding, ClipLow: 5, ClipHigh: 1000}, counts)
		if err != nil {
			return err
		}
		for label, want := range k.Weights {
			bin, err := ageBin(space, label)
			if err != nil {
				return err
			}
			if err := c.add(k.String()+" age "+label, weights[bin:bin+1], []float64{want}); err != nil {
				return err
			}
		}
	}
	return nil
}

func ageBin(space datasets.LabelSpace, label string) (int, error) {
	age, err := strconv.ParseFloat(label, 32)
	if err != nil || !(age >= 0) {
		return 0, fmt.Errorf("label %q: expected an age", label)
	}
	return space.Bin(float32(age)), nil
}

func checkSTSBWeights(c *comparison, content []byte) error {
	var v struct {
		Counts []int `json:"bin_counts"`
		Range  [2]float64
		Labels []float32
		Cases  []struct {
			weightCase
			Weights []float64
		}
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	space := scoreSpace(len(v.Counts), v.Range)
	for _, k := range v.Cases {
		weights, err := k.weights(methods.Weighting{Padding: methods.ZeroPadding}, v.Counts)
		if err != nil {
			return err
		}
		got := make([]float64, len(v.Labels))
		for i, label := range v.Labels {
			got[i] = weights[space.Bin(label)]
		}
		if err := c.add(k.String(), got, k.Weights); err != nil {
			return err
		}
	}
	return nil
}

// scoreSpace is the label space of STS-B-DIR with other bins, over another range unless that is empty.
func scoreSpace(bins int, span [2]float64) datasets.LabelSpace {
	space := datasets.STSBSpace()
	if span[1] > span[0] {
		space.Min, space.Max = span[0], span[1]
	}
	if bins > 0 {
		space.Bins = bins
	}
	space.Width = (space.Max - space.Min) / float64(space.Bins)
	return space
}

func checkNYUD2Weights(c *comparison, content []byte) error {
	var v struct {
		Counts []int `json:"train_bucket_num"`
		Start  int   `json:"bucket_start"`
		Cases  []struct {
			weightCase
			Weights []float64 `json:"bucket_weights"`
		}
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	for _, k := range v.Cases {
		weights, err := k.weights(methods.Weighting{Padding: methods.ReflectPadding, FirstBin: v.Start}, v.Counts)
		if err != nil {
			return err
		}
		if err := c.add(k.String(), weights, k.Weights); err != nil {
			return err
		}
	}
	return nil
}
