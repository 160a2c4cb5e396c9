// Package score takes in predictions that another program made: it checks them against the rows of a split, computes
// their metrics as those of any run, and files them in the run store.
package score

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/runner/store"
)

// Targets are the rows that predictions are about.
type Targets struct {
	Name   string         // for messages: "agedb test"
	Split  datasets.Split // rows of a file that are of another split, by its column, are passed over
	IDs    []string
	Labels []float32
	index  map[string]int
	frames *frames // of dense labels, whose rows are pixels; else nil
}

// SplitTargets returns the rows of a dataset's split, of dense labels the evaluated pixels. Its file must be the one
// that dataset.yaml describes.
func SplitTargets(d *datasets.Dataset, split datasets.Split) (t Targets, err error) {
	t.Name, t.Split = d.Meta.Name+" "+string(split), split
	if err := d.CheckFiles(); err != nil {
		return t, err
	}
	if d.Meta.Modality.Dense() {
		err = t.denseTargets(d)
	} else if t.IDs, err = d.IDs(split); err == nil {
		t.Labels, err = d.Labels(split)
	}
	if err != nil {
		return t, err
	}
	t.index = make(map[string]int, len(t.IDs))
	for i, id := range t.IDs {
		t.index[id] = i
	}
	return t, nil
}

// Predictions are those of one method and seed, in the order of the targets.
type Predictions struct {
	Method  string
	Seed    int64
	Values  []float32
	Spreads []float32 // standard deviations, all above 0; nil without any
}

// Options say how a file is read.
type Options struct {
	Columns Columns
	// Method and Seed, if they are set, come before those in the file. Without any, a method has the name of the file, and
	// the seed is 0.
	Method string
	Seed   *int64
	// Stopped, if it is set, is asked now and then; its error ends the reading.
	Stopped func() error
}

// optional are the columns that are read where they are there, beside ids and predictions.
func (o Options) optional() []Role {
	optional := []Role{Label, Split, Spread}
	if o.Seed == nil {
		optional = append(optional, Seed)
	}
	if o.Method == "" {
		optional = append(optional, Method)
	}
	return optional
}

// maxValues bounds the predictions in memory, over all methods and seeds of a file: 256 MiB.
const maxValues = 1 << 26

// Read returns the predictions in a file, or on [Stdin], by method and seed in the order in which they appear, and what
// the file is. Each must have exactly one finite prediction for every target. If any has not, the error says in a line
// what is wrong how often, and where first. Predictions of dense labels may also be a list for each frame, or a NumPy
// file of all frames.
func Read(path string, targets Targets, o Options) ([]Predictions, store.External, error) {
	if strings.ToLower(filepath.Ext(path)) == ".npy" {
		return readArray(path, targets, o)
	}
	byFrame, err := o.byFrame(path, targets.frames)
	if err != nil {
		return nil, store.External{}, err
	}
	required, optional, prediction := []Role{ID, Prediction}, o.optional(), table.Scalar
	if byFrame {
		prediction = table.Numbers
	}
	in, err := openRows(path, o.Columns, required, optional, prediction)
	if err != nil {
		return nil, store.External{}, err
	}
	defer in.file.Close()
	r := reader{
		rows: in, options: o, method: cmp.Or(o.Method, methodOf(path)), targets: targets, runs: map[runKey]int{},
		byFrame: byFrame,
	}
	if err := r.readAll(); err != nil {
		return nil, store.External{}, err
	}
	if err := r.verdict(); err != nil {
		return nil, store.External{}, err
	}
	sum, err := in.sha256()
	return r.list, store.External{File: filepath.Base(in.path), SHA256: sum}, err
}

type runKey struct {
	method string
	seed   int64
}

// reader gathers predictions and what is wrong with them. A prediction that is not there yet is NaN.
type reader struct {
	*rows
	options Options
	method  string // unless the file says otherwise
	targets Targets
	runs    map[runKey]int // positions in list
	list    []Predictions
	read    int // rows, but those of other splits
	byFrame bool

	unknown, twice, notFinite, otherLabel, noSpread, absent problem
}

func (r *reader) readAll() error {
	for {
		if err := r.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if of := r.cells[Split]; of.Text != "" && of.Text != string(r.targets.Split) {
			continue
		}
		if r.read++; r.read%4096 == 0 && r.options.Stopped != nil {
			if err := r.options.Stopped(); err != nil {
				return err
			}
		}
		add := r.add
		if r.byFrame {
			add = r.addFrame
		}
		if err := add(); err != nil {
			return fmt.Errorf("%s: %w", r.file.Where(), err)
		}
	}
}

// add takes in a row. An error is a row that cannot be understood; what may be wrong with many rows is counted.
func (r *reader) add() error {
	id, key, err := r.identify()
	if err != nil {
		return err
	}
	target, known := r.targets.index[id]
	if !known {
		r.unknown.add(func() string { return fmt.Sprintf("%s %.40q", r.where(), id) })
		return nil
	}
	value, ok := r.cells[Prediction].finite()
	if !ok {
		r.notFinite.add(func() string { return fmt.Sprintf("%s %.40q: %s", r.where(), id, r.cells[Prediction]) })
		return nil
	}
	if given := r.cells[Label]; given.Text != "" {
		if label, ok := given.finite(); !ok || !sameLabel(label, r.targets.Labels[target]) {
			r.otherLabel.add(func() string {
				return fmt.Sprintf("%s %.40q: %.40s, not %v", r.where(), id, given.Text, r.targets.Labels[target])
			})
			return nil
		}
	}
	p, err := r.of(key)
	if err != nil {
		return err
	}
	if p.Values[target] == p.Values[target] {
		r.twice.add(func() string { return fmt.Sprintf("%s %.40q", r.where(), id) })
		return nil
	}
	p.Values[target] = value
	if given := r.cells[Spread]; given.Text != "" {
		if p.Spreads == nil {
			p.Spreads = make([]float32, len(p.Values))
		}
		if spread, ok := given.finite(); ok { // 0 counts as missing
			p.Spreads[target] = spread
		}
	}
	return nil
}

// identify returns the id of a row, and the method and seed that it belongs to.
func (r *reader) identify() (id string, key runKey, err error) {
	if id = r.cells[ID].Text; id == "" {
		return "", key, fmt.Errorf("column %q is empty: expected an id", r.options.Columns.name(ID))
	}
	key.method = cmp.Or(r.cells[Method].Text, r.method)
	if err := CheckMethod(key.method); err != nil {
		return "", key, err
	}
	if r.options.Seed != nil {
		key.seed = *r.options.Seed
	} else if given := r.cells[Seed]; given.Text != "" {
		if key.seed, err = strconv.ParseInt(strings.TrimSpace(given.Text), 10, 64); err != nil {
			return "", key, fmt.Errorf("seed %s: expected a whole number", given)
		}
	}
	return id, key, nil
}

// of returns where the predictions of a method and seed go.
func (r *reader) of(key runKey) (*Predictions, error) {
	i, there := r.runs[key]
	if !there {
		if (len(r.list)+1)*len(r.targets.IDs) > maxValues {
			return nil, fmt.Errorf(
				"more than %d methods and seeds, of %d predictions each, are too many at once: divide the file",
				len(r.list), len(r.targets.IDs))
		}
		values := make([]float32, len(r.targets.IDs))
		for i := range values {
			values[i] = float32(math.NaN())
		}
		i = len(r.list)
		r.runs[key] = i
		r.list = append(r.list, Predictions{Method: key.method, Seed: key.seed, Values: values})
	}
	return &r.list[i], nil
}

// verdict is nil if every method and seed has all its predictions.
func (r *reader) verdict() error {
	for _, p := range r.list {
		where := func(i int) string {
			if len(r.list) > 1 {
				return fmt.Sprintf("%.40q of %s seed %d", r.targets.IDs[i], p.Method, p.Seed)
			}
			return fmt.Sprintf("%.40q", r.targets.IDs[i])
		}
		for i, v := range p.Values {
			if v != v {
				r.absent.add(func() string { return where(i) })
			} else if p.Spreads != nil && !(p.Spreads[i] > 0) {
				r.noSpread.add(func() string { return where(i) })
			}
		}
	}
	var parts []string
	for _, p := range []struct {
		problem
		one, several string
	}{
		{r.unknown, "unknown id", "unknown ids"},
		{r.twice, "id a second time", "ids a second time"},
		{r.notFinite, "prediction that is no finite number", "predictions that are no finite numbers"},
		{r.otherLabel, "label other than the dataset's", "labels other than the dataset's"},
		{r.noSpread, "prediction without a spread above 0", "predictions without a spread above 0"},
		{r.absent, "prediction missing", "predictions missing"},
	} {
		if p.n > 0 {
			parts = append(parts, p.describe(p.one, p.several))
		}
	}
	switch {
	case r.read == 0:
		return fmt.Errorf("%s: no rows of %s", r.path, r.targets.Name)
	case len(parts) > 0 && r.unknown.n == r.read:
		parts[0] += fmt.Sprintf("; ids of %s are such as %.40q", r.targets.Name, r.targets.IDs[0])
	}
	if len(parts) > 0 {
		return fmt.Errorf("%s: %s: expected one prediction for each of the %d rows of %s",
			r.path, strings.Join(parts, "; "), len(r.targets.IDs), r.targets.Name)
	}
	return nil
}

// problem counts rows with something wrong and keeps where the first ones are.
type problem struct {
	n     int
	first []string
}

// named is how many rows a message names.
const named = 3

func (p *problem) add(where func() string) {
	if p.n++; p.n <= named {
		p.first = append(p.first, where())
	}
}

// describe returns "4 unknown ids (line 2 "a", line 3 "b", line 7 "c", …)".
func (p problem) describe(one, several string) string {
	text, end := several, ")"
	if p.n == 1 {
		text = one
	}
	if p.n > named {
		end = ", …)"
	}
	return fmt.Sprintf("%d %s (%s%s", p.n, text, strings.Join(p.first, ", "), end)
}

// sameLabel allows for numbers that were printed with a few digits.
func sameLabel(a, b float32) bool {
	return math.Abs(float64(a)-float64(b)) <= 1e-5*max(1, math.Abs(float64(b)))
}

// methodOf returns the name of a file without its ending.
func methodOf(path string) string {
	if path == Stdin {
		return ""
	}
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}

// CheckMethod finds a name that no folder and no row of a table can have.
func CheckMethod(name string) error {
	allowed := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+-_.=@", r)
	}
	switch {
	case name == "":
		return errors.New("the method has no name: give one with --method")
	case len(name) > 100 || name[0] == '.' || strings.ContainsFunc(name, func(r rune) bool { return !allowed(r) }):
		return fmt.Errorf("method %.40q: expected letters, digits and + - _ . = @, at most 100: name it with --method", name)
	}
	return nil
}
