// Package conformance compares this implementation with stored outputs of the official PyTorch code.
//
// A vector file is JSON; its name's prefix says what it holds: kernels, weights_*, losses, calibrate, fds_*, metrics_*,
// model_*, or a method such as ranksim.
package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
)

// Result is the outcome of one file.
type Result struct {
	File      string  `json:"file"`
	Values    int     `json:"values"`    // how many numbers were compared
	MaxError  float64 `json:"max_error"` // largest relative error, those of Excepted apart
	Tolerance float64 `json:"tolerance"`
	Where     string  `json:"where,omitempty"` // the value with the largest error
	// Excepted are figures that are beyond the tolerance but within a wider one that the checker grants them.
	Excepted []string `json:"excepted,omitempty"`
	Skipped  string   `json:"skipped,omitempty"`
	Error    string   `json:"error,omitempty"` // the file could not be checked
}

// Passed reports whether everything was compared and is within the tolerance.
func (r Result) Passed() bool {
	return r.Error == "" && r.Skipped == "" && r.Values > 0 && r.MaxError <= r.Tolerance
}

// checker compares one kind of file; JSON is the file's content.
type checker struct {
	prefix    string
	tolerance float64
	check     func(c *comparison, content []byte) error
}

var checkers = []checker{
	{"kernels", 1e-6, checkKernels},
	{"weights_age", 1e-6, checkAgeWeights},
	{"weights_stsb", 1e-6, checkSTSBWeights},
	{"weights_nyud2", 1e-6, checkNYUD2Weights},
	{"losses", 1e-6, checkLosses},
	{"calibrate", 1e-6, checkCalibrate},
	{"fds_", 1e-4, checkFDS},
	{"metrics_age", 1e-4, checkAgeMetrics},
	{"metrics_stsb", 1e-4, checkSTSBMetrics},
	{"metrics_nyud2", 1e-4, checkNYUD2Metrics},
	{"model_resnet50", networkTolerance, checkResNet50},
	{"model_bilstm", networkTolerance, checkBiLSTM},
	{"model_nyud2", networkTolerance, checkNYUD2Network},
	{"balanced_mse", 1e-6, checkBalancedMSE},
	{"ranksim", 1e-6, checkRankSim},
	{"conr", 1e-6, checkConR},
	{"dense_weight", 1e-6, checkDenseWeight},
	{"ordinal_entropy", 1e-6, checkOrdinalEntropy},
	{"rnc", 1e-6, checkRankNContrast},
	{"uvote", 1e-6, checkUVOTE},
	{"dist_loss", 1e-6, checkDistLoss},
	{"srl", 1e-6, checkSRL},
	{"sera", 1e-6, checkSERA},
}

// Run checks every vector file of a folder, in the order of their names.
func Run(dir string, backend compute.Backend) ([]Result, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no conformance vectors (*.json) there", dir)
	}
	var results []Result
	for _, path := range paths {
		results = append(results, checkFile(path, backend))
	}
	return results, nil
}

func checkFile(path string, backend compute.Backend) (result Result) {
	result.File = filepath.Base(path)
	for _, k := range checkers {
		if !strings.HasPrefix(result.File, k.prefix) {
			continue
		}
		result.Tolerance = k.tolerance
		content, err := os.ReadFile(path)
		if err == nil {
			err = k.run(content, backend, &result)
		}
		if err != nil {
			result.Error = err.Error()
		}
		return result
	}
	result.Skipped = "no check for this kind of file"
	return result
}

// run turns a panic into an error: graph building reports mistakes, such as shapes that do not fit, by panicking.
func (k checker) run(content []byte, backend compute.Backend, result *Result) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	c := &comparison{backend: backend, tolerance: k.tolerance}
	err = k.check(c, content)
	result.Values, result.MaxError, result.Where, result.Excepted = c.values, c.worst, c.where, c.excepted
	return err
}

// comparison collects relative errors.
type comparison struct {
	backend   compute.Backend
	tolerance float64
	values    int
	worst     float64
	where     string
	excepted  []string
}

// add compares got with want. Errors are relative to the value, or to a thousandth of the largest one beside it, so
// that values near zero count by what they add to their neighbours.
func (c *comparison) add(where string, got, want []float64) error {
	return c.addLoosely(where, got, want, 1)
}

// addLoosely is add for figures whose error may be slack times as large as the file's tolerance.
func (c *comparison) addLoosely(where string, got, want []float64, slack float64) error {
	largest := 0.0
	for _, w := range want {
		largest = math.Max(largest, math.Abs(w))
	}
	return c.compare(where, got, want, largest/1000, slack)
}

// addMap compares the pixels of a network's output. Their rounding errors are those of the sums behind them and do not
// shrink where a pixel happens to be near zero, so errors are relative to the root mean square of the map at least.
func (c *comparison) addMap(where string, got, want []float64, slack float64) error {
	rms := norm(want)[0] / math.Sqrt(float64(len(want)))
	return c.compare(where, got, want, rms, slack)
}

// compare notes the errors relative to a value or to floor, whichever is larger. What is beyond the tolerance, but not
// beyond slack times as much, is excepted and named.
func (c *comparison) compare(where string, got, want []float64, floor, slack float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s: %d values, the vector has %d", where, len(got), len(want))
	}
	c.values += len(want)
	worst, index := 0.0, 0
	for i := range want {
		err := math.Abs(got[i]-want[i]) / math.Max(math.Abs(want[i]), math.Max(floor, math.SmallestNonzeroFloat64))
		if math.IsNaN(err) {
			err = math.Inf(1)
		}
		if err > worst {
			worst, index = err, i
		}
	}
	switch {
	case worst > c.tolerance && worst <= slack*c.tolerance:
		c.excepted = append(c.excepted, fmt.Sprintf("%s: %.1e of %.0e", where, worst, slack*c.tolerance))
	case len(want) > 0 && worst >= c.worst:
		c.worst, c.where = worst, fmt.Sprintf("%s[%d] = %g, want %g", where, index, got[index], want[index])
	}
	return nil
}

func decode(content []byte, into any) error {
	if err := json.Unmarshal(content, into); err != nil {
		return errors.Join(errors.New("not the expected JSON"), err)
	}
	return nil
}
