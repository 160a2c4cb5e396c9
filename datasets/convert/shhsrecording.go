package convert

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert/edf"
)

// shhsLabels are the labels of a channel in the recordings, as plainLabel has them; the first that a recording has is
// taken.
var shhsLabels = map[string][]string{
	"eeg":     {"EEG"},
	"eeg2":    {"EEGSEC", "EEG2"},
	"ecg":     {"ECG"},
	"airflow": {"AIRFLOW", "NEWAIR", "NEWAF", "AUX"},
	"thorax":  {"THORRES"},
	"abdomen": {"ABDORES"},
}

const (
	minSeconds = 30 // one window of the model
	// maxRatio bounds the filter of a resampling; the rates of recordings are ratios of small numbers.
	maxRatio = 10_000
	// maxUpsampling bounds the memory that a small file with a made-up rate can ask for.
	maxUpsampling = 8
	// maxPhysical is beyond any sensor, and keeps values finite as float32.
	maxPhysical = 1e9
)

// channel is a signal of a recording and what becomes of it.
type channel struct {
	signal   int     // in the file
	scale    float64 // to the group's unit
	up, down int     // resampling
}

// plainLabel is a label in capitals without spaces and punctuation: EEGSEC of "EEG (sec)".
func plainLabel(label string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, label)
}

// findChannels finds the channels of every group. An error is why the recording cannot be used.
func findChannels(f *edf.File) ([][]channel, error) {
	if f.Seconds() < minSeconds {
		return nil, fmt.Errorf("short record: %.4g s, expected at least %d s", f.Seconds(), minSeconds)
	}
	labels := make([]string, len(f.Signals))
	for i, s := range f.Signals {
		labels[i] = plainLabel(s.Label)
	}
	var groups [][]channel
	for _, group := range datasets.SHHSGroups() {
		var channels []channel
		for _, name := range group.Channels {
			at := -1
			for _, alias := range shhsLabels[name] {
				if at = slices.Index(labels, alias); at >= 0 {
					break
				}
			}
			if at < 0 {
				return nil, fmt.Errorf("channel %s is missing", name)
			}
			c, err := newChannel(f.Signals[at], at, group)
			if err != nil {
				return nil, fmt.Errorf("channel %s (%s): %w", name, f.Signals[at].Label, err)
			}
			channels = append(channels, c)
		}
		groups = append(groups, channels)
	}
	return groups, nil
}

func newChannel(s edf.Signal, at int, group datasets.ChannelGroup) (channel, error) {
	if s.Damage != nil {
		return channel{}, s.Damage
	}
	scale, err := unitScale(s.Unit, group.Unit)
	if err != nil {
		return channel{}, err
	}
	if largest := scale * max(s.PhysicalMax, -s.PhysicalMax, s.PhysicalMin, -s.PhysicalMin); largest > maxPhysical {
		return channel{}, fmt.Errorf("physical range %g to %g %s is beyond any sensor", s.PhysicalMin, s.PhysicalMax, s.Unit)
	}
	ratio := new(big.Rat).Quo(new(big.Rat).SetFloat64(group.Rate), s.Rate)
	up, down, limit := ratio.Num(), ratio.Denom(), big.NewInt(maxRatio)
	rate, _ := s.Rate.Float64()
	switch {
	case up.Cmp(limit) > 0 || down.Cmp(limit) > 0:
		return channel{}, fmt.Errorf("rate %g Hz: no ratio of small numbers to %g Hz", rate, group.Rate)
	case rate*maxUpsampling < group.Rate:
		return channel{}, fmt.Errorf("rate %g Hz: expected at least %g Hz", rate, group.Rate/maxUpsampling)
	}
	return channel{at, scale, int(up.Int64()), int(down.Int64())}, nil
}

// microSigns has the micro sign and the Greek letter in UTF-8, and the sign in Latin-1.
var microSigns = strings.NewReplacer("µ", "u", "μ", "u", "\xb5", "u")

// unitScale returns the factor from a recording's unit to that of a group. A recording without a unit is taken to have
// the group's; a group without one takes values as they are.
func unitScale(unit, target string) (float64, error) {
	volts := map[string]float64{"v": 1, "mv": 1e-3, "uv": 1e-6}
	if unit == "" || target == "" {
		return 1, nil
	}
	from, ok := volts[strings.ToLower(microSigns.Replace(unit))]
	if !ok {
		return 0, fmt.Errorf("unit %.12q: expected uV, mV or V", unit)
	}
	if to := volts[strings.ToLower(target)]; to != from {
		return from / to, nil
	}
	return 1, nil
}

// inspectRecording returns why a recording cannot be used, as far as its header and length tell, or what is odd about
// it.
func inspectRecording(path string) (warning string, err error) {
	f, err := edf.Open(path)
	if err != nil {
		return "", withoutPath(err)
	}
	defer f.Close()
	_, err = findChannels(f)
	return f.Warning, err
}

// readRecording returns a series for each channel group, time × channels.
func readRecording(path string) ([][]float32, error) {
	f, err := edf.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	return readSignals(f)
}

func readSignals(f *edf.File) ([][]float32, error) {
	groups, err := findChannels(f)
	if err != nil {
		return nil, err
	}
	var signals [][]float32
	for _, channels := range groups {
		series, err := readGroup(f, channels)
		if err != nil {
			return nil, err
		}
		signals = append(signals, series)
	}
	return signals, nil
}

// readGroup reads, scales and resamples the channels of a group. They last equally long, so that they have equally many
// samples at the group's rate.
func readGroup(f *edf.File, channels []channel) ([]float32, error) {
	var series []float32
	for i, c := range channels {
		values, err := f.Physical(c.signal)
		if err != nil {
			return nil, withoutPath(err)
		}
		values = resample(values, c.up, c.down)
		if series == nil {
			series = make([]float32, len(channels)*len(values))
		}
		for t, v := range values {
			series[t*len(channels)+i] = float32(v * c.scale)
		}
	}
	return series, nil
}

// resample changes the rate of a signal by up/down, which must have no common factor: a polyphase low-pass filter, the
// windowed sinc with a Kaiser window of beta 5 and ten zero crossings a side that scipy.signal.resample_poly takes by
// default. The signal is taken as 0 beyond its ends; the result has ceil(len(x)·up/down) samples. An equal rate leaves
// the signal untouched.
func resample(x []float64, up, down int) []float64 {
	if up == down {
		return x
	}
	half := 10 * max(up, down)
	phases := polyphase(lowPass(half, max(up, down)), up)
	y := make([]float64, (len(x)*up+down-1)/down)
	for m := range y {
		at := m*down + half // position in the upsampled signal, behind the filter's centre
		taps, newest := phases[at%up], at/up
		// Tap i meets x[newest-i].
		first, last := max(0, newest-len(x)+1), min(len(taps)-1, newest)
		sum := 0.0
		for i := first; i <= last; i++ {
			sum += taps[i] * x[newest-i]
		}
		y[m] = sum
	}
	return y
}

// polyphase divides a filter by the positions of its taps modulo up, and makes up for the zeros between samples.
func polyphase(filter []float64, up int) [][]float64 {
	phases := make([][]float64, up)
	for i, tap := range filter {
		phases[i%up] = append(phases[i%up], tap*float64(up))
	}
	return phases
}

// lowPass is a windowed-sinc filter of 2·half+1 taps that add up to 1, with the cutoff at 1/divisor of the Nyquist
// frequency.
func lowPass(half, divisor int) []float64 {
	const beta = 5
	taps := make([]float64, 2*half+1)
	sum := 0.0
	for i := range taps {
		x := float64(i-half) / float64(divisor)
		edge := float64(i-half) / float64(half)
		taps[i] = sinc(x) * besselI0(beta*math.Sqrt(1-edge*edge))
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	return taps
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// besselI0 is the modified Bessel function of the first kind of order 0, by its power series (Abramowitz and Stegun
// 9.6.12), which converges fast for the arguments of a window.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1; term > 1e-17*sum; k++ {
		term *= x * x / 4 / float64(k*k)
		sum += term
	}
	return sum
}
