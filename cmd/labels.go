package cmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/datasets"
)

// labelFlags are the flags that say how labels of one's own are divided into bins, and bins into shot regions.
type labelFlags struct {
	Binning datasets.Binning
	Shots   datasets.ShotRule
}

// labelFlagNames are the flags that register adds.
var labelFlagNames = []string{"bins", "bin-width", "edges", "quantile-bins", "label-range", "many", "few",
	"shot-quantiles", "many-bins", "medium-bins"}

func (l *labelFlags) register(flags *pflag.FlagSet) {
	l.Shots = datasets.ThirdsShots()
	shots := datasets.AgeShots()
	registerBins(flags, &l.Binning)
	flags.Float64Var(&l.Binning.Width, "bin-width", 0,
		"width of a label bin (default: one for each value of whole numbers or another grid, else a round width)")
	flags.Var(rangeValue{&l.Binning}, "label-range",
		"smallest and largest label, as `LOW,HIGH` (default: those of the labels)")
	flags.IntVar(&l.Shots.Many, "many", shots.Many,
		"many-shot: bins with more training labels than this, in place of --shot-quantiles")
	flags.IntVar(&l.Shots.Few, "few", shots.Few,
		"few-shot: bins with fewer training labels than this, in place of --shot-quantiles")
	flags.Float64SliceVar(&l.Shots.Quantiles, "shot-quantiles", l.Shots.Quantiles,
		"`LOW,HIGH`: few-shot is this share of the bins that hold training labels, those with the fewest; many-shot those "+
			"above the second share")
	flags.IntSliceVar(&l.Shots.ManyBins, "many-bins", nil,
		"many-shot: these bins, numbered from 0, in place of --shot-quantiles")
	flags.IntSliceVar(&l.Shots.MediumBins, "medium-bins", nil, "medium-shot: these bins, beside --many-bins")
}

// registerBins adds the flags of bins that are not of a given width.
func registerBins(flags *pflag.FlagSet, b *datasets.Binning) {
	flags.Var(binsValue{b}, "bins", fmt.Sprintf("`N` label bins of one width, or log or log:N for bins of one width in "+
		"the logarithm (log: %d)",
		datasets.DefaultLogBins))
	flags.Float64SliceVar(&b.Edges, "edges", nil,
		"borders of the label bins, as `A,B,C`; the first and the last are the range")
	flags.IntVar(&b.Quantiles, "quantile-bins", 0, "`N` label bins with about as many training labels each")
}

// complete checks the flags, and leaves of the shot rule what was asked for.
func (l *labelFlags) complete(flags *pflag.FlagSet) error {
	counts := flags.Changed("many") || flags.Changed("few")
	lists := flags.Changed("many-bins") || flags.Changed("medium-bins")
	quantiles := flags.Changed("shot-quantiles")
	switch {
	case counts && lists, counts && quantiles, lists && quantiles:
		return usagef("--many and --few, --shot-quantiles, --many-bins and --medium-bins: expected one of the three ways")
	case counts:
		l.Shots.Quantiles = nil
	case lists:
		l.Shots.Quantiles, l.Shots.Many, l.Shots.Few = nil, 0, 0
	default:
		l.Shots.Many, l.Shots.Few = 0, 0
	}
	if err := l.Binning.Validate(); err != nil {
		return usagef("--%w", err)
	}
	const any = 1 << 30 // bins: their number is not known here
	if err := l.Shots.Validate(any); err != nil && counts {
		return usagef("--many, --few: %w", err)
	} else if err != nil {
		return usage(err)
	}
	return nil
}

// binsValue reads "30", "log" or "log:30".
type binsValue struct{ binning *datasets.Binning }

func (v binsValue) String() string {
	switch {
	case v.binning == nil:
	case v.binning.Log > 0:
		return fmt.Sprintf("log:%d", v.binning.Log)
	case v.binning.Bins > 0:
		return strconv.Itoa(v.binning.Bins)
	}
	return ""
}

func (v binsValue) Set(text string) (err error) {
	number, of := text, &v.binning.Bins
	if text == "log" {
		v.binning.Log = datasets.DefaultLogBins
		return nil
	}
	if after, is := strings.CutPrefix(text, "log:"); is {
		number, of = after, &v.binning.Log
	}
	if *of, err = strconv.Atoi(number); err != nil || *of < 1 {
		return errors.New("expected a number of bins, log or log:N")
	}
	return nil
}

func (binsValue) Type() string { return "N" }

// rangeValue reads "LOW,HIGH".
type rangeValue struct{ binning *datasets.Binning }

func (v rangeValue) String() string {
	if v.binning == nil || v.binning.Low == nil {
		return ""
	}
	return fmt.Sprintf("%v,%v", *v.binning.Low, *v.binning.High)
}

func (v rangeValue) Set(text string) error {
	low, high, _ := strings.Cut(text, ",")
	var ends [2]float64
	for i, end := range []string{low, high} {
		var err error
		if ends[i], err = strconv.ParseFloat(strings.TrimSpace(end), 64); err != nil {
			return errors.New("expected LOW,HIGH")
		}
	}
	v.binning.Low, v.binning.High = &ends[0], &ends[1]
	return nil
}

func (rangeValue) Type() string { return "LOW,HIGH" }
