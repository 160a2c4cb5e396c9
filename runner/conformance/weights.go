package conformance

import (
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

// weighting completes a benchmark's rule with the case's setting, as in the released code.
func (w weightCase) weighting(rule methods.Weighting) methods.Weighting {
	rule.Truncate, rule.Reweight = true, methods.ReweightInv
	if w.Reweight == "sqrt_inv" {
		rule.Reweight = methods.ReweightSqrtInv
	}
	if w.LDS {
		rule.LDS = &methods.Kernel{Kind: w.Kernel, Size: w.KS, Sigma: w.Sigma}
	}
	return rule
}

func checkAgeWeights(c *comparison, content []byte) error {
	var v struct {
		Counts map[string]int `json:"train_count_per_label"`
		Target int            `json:"max_target"` // ages from this one less 1 on are pooled
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
	counts, err := ageCounts(space, v.Counts)
	if err != nil {
		return err
	}
	for _, k := range v.Cases {
		weights, err := k.weighting(methods.Weighting{Padding: methods.ZeroPadding, ClipLow: 5, ClipHigh: 1000}).BinWeights(counts)
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

// ageCounts spreads counts by label over the bins of an age label space.
func ageCounts(space datasets.LabelSpace, byLabel map[string]int) ([]int, error) {
	counts := make([]int, space.Bins)
	for label, n := range byLabel {
		bin, err := ageBin(space, label)
		if err != nil {
			return nil, err
		}
		counts[bin] += n
	}
	return counts, nil
}

func ageBin(space datasets.LabelSpace, label string) (int, error) {
	age, err := strconv.Atoi(label)
	if err != nil || age < 0 {
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
	space := datasets.STSBSpace()
	if n := len(v.Counts); n > 0 && n != space.Bins {
		space.Bins, space.Min, space.Max, space.Width = n, v.Range[0], v.Range[1], (v.Range[1]-v.Range[0])/float64(n)
	}
	for _, k := range v.Cases {
		weights, err := k.weighting(methods.Weighting{Padding: methods.ZeroPadding}).BinWeights(v.Counts)
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
		weights, err := k.weighting(methods.Weighting{Padding: methods.ReflectPadding, FirstBin: v.Start}).BinWeights(v.Counts)
		if err != nil {
			return err
		}
		if err := c.add(k.String(), weights, k.Weights); err != nil {
			return err
		}
	}
	return nil
}
