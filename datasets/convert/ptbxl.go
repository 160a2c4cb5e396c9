package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert/wfdb"
)

// PTBXLOptions are the options of PTBXL.
type PTBXLOptions struct {
	Options
	Rate  int // of the recordings: 100 or 500 samples a second
	Shots datasets.ShotRule
}

// Validate reports the first thing wrong with the options.
func (o PTBXLOptions) Validate() error {
	if _, ok := ptbxlPaths[o.Rate]; !ok {
		return fmt.Errorf("rate %d: expected 100 or 500 samples a second", o.Rate)
	}
	return nil
}

const (
	ptbxlTable   = "ptbxl_database.csv"
	ptbxlColumns = "a header with ecg_id, age, strat_fold, filename_lr and filename_hr, and a row for each recording"
	// ptbxlOld stands in the table for every age above 89, which the authors do not tell.
	ptbxlOld     = 300
	ptbxlSeconds = 10 // of every recording
)

// ptbxlPaths are the columns with the recordings of each rate.
var ptbxlPaths = map[int]string{100: "filename_lr", 500: "filename_hr"}

// ptbxlLeads are the leads of a recording, in the order of PTB-XL.
var ptbxlLeads = []string{"I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"}

func ptbxlMeta(rate int, shots datasets.ShotRule) datasets.Meta {
	return datasets.Meta{
		Name: "ptbxl", Title: "PTB-XL (age from ECG)", Modality: datasets.Signal,
		LabelSpace: datasets.AgeSpace(), Shots: shots,
		Groups:  []datasets.ChannelGroup{{Name: "ecg", Channels: ptbxlLeads, Rate: float64(rate), Unit: "mV"}},
		Source:  "PTB-XL (Wagner et al. 2020), folds of its authors: 1 to 8 train, 9 val, 10 test",
		Licence: "CC BY 4.0",
	}
}

// PTBXL converts the electrocardiograms of PTB-XL with the patient's age as label, from PhysioNet's folder: the table
// ptbxl_database.csv and the WFDB records that it names. The split is the authors': folds 1 to 8 train, 9 val and 10
// test. Ids are those of the table (ecg_id). A recording is one series of 12 leads in millivolts, 10 s at opts.Rate.
//
// A row without an age, with the age 300, which stands for every one above 89, or without a usable recording is left
// out, returned, and listed in RejectedFile.
func PTBXL(ctx context.Context, dir string, opts PTBXLOptions) (*datasets.Dataset, []Rejection, error) {
	if err := opts.Validate(); err != nil {
		return nil, nil, err
	}
	list, err := readECGFile(filepath.Join(dir, ptbxlTable), ptbxlPaths[opts.Rate])
	if err != nil {
		return nil, nil, err
	}
	rejected := &rejections{}
	for _, e := range list {
		if e.rejected != "" {
			rejected.leaveOut(e.line, e.path, e.rejected)
		}
	}
	meta := opts.meta(ptbxlMeta(opts.Rate, opts.Shots))
	usable := slices.DeleteFunc(list, func(e ecg) bool { return e.rejected != "" })
	usable, err = dropTrain(opts.Options, &meta, usable, func(e ecg) (datasets.Split, float32) { return e.split, e.age })
	if err != nil {
		return nil, nil, err
	}
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	finish, err := writeECGs(ctx, w, meta.Name, dir, usable, opts, rejected)
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(rejected.list, func(a, b Rejection) int { return a.Line - b.Line })
	return opts.complete(w, meta.Name, dir, rejected, finish)
}

// writeECGs writes the recordings of rows; finish is to be called when the dataset is complete.
func writeECGs(ctx context.Context, w *datasets.Writer, name, dir string, list []ecg, opts PTBXLOptions,
	rejected *rejections) (finish func() error, err error) {
	splits, err := w.AllSplits()
	if err != nil {
		return nil, err
	}
	s, err := openSpool(opts.Out, name, spoolKey("ptbxl", dir, opts.Rate, list))
	if err != nil {
		return nil, err
	}
	defer opts.resumed(s)
	files, before := os.DirFS(dir), len(rejected.list)
	ecgs := batches[ecg]{
		spool: s, size: 128, // 240 kB each at 500 Hz
		files: func(e ecg) []string {
			path := filepath.Join(dir, filepath.FromSlash(e.path))
			return []string{path + wfdb.HeaderSuffix, path + ".dat"}
		},
		convert: func(e ecg) (datasets.Sample, error) {
			series, err := readECG(files, e.path, opts.Rate)
			return datasets.Sample{ID: e.id, Label: e.age, Signals: [][]float32{series}}, err
		},
		emit: func(e ecg, converted row) error {
			if converted.Rejected != "" {
				return rejected.add(e.line, e.path, converted.Rejected)
			}
			return splits[e.split].Write(converted.Sample)
		},
		told: func(done int) { opts.progress(done, len(list)) },
	}
	if err := ecgs.run(ctx, "ecgs", list); err != nil {
		return nil, err
	}
	if len(rejected.list) == before+len(list) {
		s.remove() // it holds nothing of use
		first := rejected.list[min(before, len(rejected.list)-1)]
		return nil, fmt.Errorf("%s: none of the recordings can be used (line %d: %s: %s)", dir, first.Line, first.Path,
			first.Reason)
	}
	return s.remove, nil
}

// ecg is a row of the PTB-XL table.
type ecg struct {
	line     int
	id       string
	age      float32
	split    datasets.Split
	path     string // of the record, without a suffix, relative to the table
	rejected string // why the row is left out, or empty
}

func readECGFile(name, pathColumn string) ([]ecg, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: expected the folder of PhysioNet's PTB-XL files", name)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readECGs(name, file, pathColumn)
}

// readECGs reads the table, whose columns may come in any order and among others. A row that cannot be used is marked;
// only a malformed file is an error.
func readECGs(name string, r io.Reader, pathColumn string) (list []ecg, err error) {
	lines := map[string]int{}
	columns := []string{"ecg_id", "age", "strat_fold", pathColumn}
	err = namedRows(name, r, columns, ptbxlColumns, func(line int, cells []string) error {
		e := ecg{id: cells[0], path: cells[3], line: line}
		e.split, e.age, e.rejected = parseECG(cells[2], cells[1])
		if before, used := lines[e.id]; used {
			e.rejected = fmt.Sprintf("ecg_id %.20q is that of line %d already", e.id, before)
		} else {
			lines[e.id] = e.line
		}
		list = append(list, e)
		return nil
	})
	return list, err
}

// parseECG returns the split of a fold and the label of an age, or why they are none.
func parseECG(fold, age string) (split datasets.Split, label float32, rejected string) {
	n, err := strconv.ParseFloat(fold, 64) // pandas writes 1.0 where a fold is missing elsewhere
	switch {
	case err != nil || n < 1 || n > 10 || n != math.Trunc(n):
		return "", 0, fmt.Sprintf("strat_fold %.20q: expected 1 to 10", fold)
	case n <= 8:
		split = datasets.Train
	case n == 9:
		split = datasets.Val
	default:
		split = datasets.Test
	}
	if age == "" {
		return split, 0, "age is missing"
	}
	if years, err := strconv.ParseFloat(age, 64); err == nil && years == ptbxlOld {
		return split, 0, "age is 300, which stands for every age above 89"
	}
	if label, err = parseLabel(age, datasets.AgeSpace()); err != nil {
		return split, 0, "age: " + err.Error()
	}
	return split, label, ""
}

// readECG returns the leads of a record, time × leads, in millivolts. An error is why the recording cannot be used.
func readECG(files fs.FS, path string, rate int) ([]float32, error) {
	r, err := wfdb.Open(files, path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer r.Close()
	if seconds := r.Seconds(); seconds < ptbxlSeconds {
		return nil, fmt.Errorf("short record: %.4g s, expected %d s", seconds, ptbxlSeconds)
	}
	steps := rate * ptbxlSeconds
	series := make([]float32, steps*len(ptbxlLeads))
	for i, lead := range ptbxlLeads {
		values, err := readLead(r, lead, rate)
		if err != nil {
			return nil, withoutPath(err)
		}
		for t, v := range values[:steps] {
			if math.IsNaN(v) {
				return nil, fmt.Errorf("lead %s: sample %d is missing", lead, t+1)
			}
			series[t*len(ptbxlLeads)+i] = float32(v)
		}
	}
	return series, nil
}

// readLead reads a lead in millivolts.
func readLead(r *wfdb.Record, lead string, rate int) ([]float64, error) {
	at := slices.IndexFunc(r.Signals, func(s wfdb.Signal) bool { return strings.EqualFold(s.Name, lead) })
	if at < 0 {
		return nil, fmt.Errorf("lead %s is missing", lead)
	}
	s := r.Signals[at]
	scale, err := unitScale(s.Unit, "mV")
	if err != nil {
		return nil, fmt.Errorf("lead %s: %w", lead, err)
	}
	if s.Rate.Cmp(big.NewRat(int64(rate), 1)) != 0 {
		return nil, fmt.Errorf("lead %s has %s samples a second, expected %d", lead, s.Rate.RatString(), rate)
	}
	values, err := r.Physical(at)
	for i := range values {
		if values[i] *= scale; math.Abs(values[i]) > maxPhysical {
			return nil, fmt.Errorf("lead %s: sample %d is %g mV, beyond any sensor", lead, i+1, values[i])
		}
	}
	return values, err
}
