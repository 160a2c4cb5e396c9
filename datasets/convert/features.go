package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// Missing says what becomes of a missing number of a table.
type Missing string

// The rules. By the median, that of the training split stands in for the number, and an element of its own tells where
// that is so. Refused, a missing number is an error, and so is a missing category.
const (
	MissingMedian Missing = "median"
	MissingRefuse Missing = "refuse"
)

// AllFeatures, in place of the columns of a table, stands for all but those of label, id and split.
const AllFeatures = "all"

// maxLevels is how many values a category may have in the training split.
const maxLevels = 100

// featureColumns returns the columns of a table, for [AllFeatures] by the first of the files.
func (o ColumnsOptions) featureColumns(files []tableFile) ([]table.Column, error) {
	names := o.Features
	if slices.Equal(names, []string{AllFeatures}) {
		fields, err := table.Fields(files[0].path)
		if err != nil {
			return nil, err
		}
		names = nil
		for _, field := range fields {
			if !slices.Contains([]string{o.Label, o.ID, o.Split}, field.Name) {
				names = append(names, field.Name)
			}
		}
	}
	for _, list := range [][]string{o.Without, o.Categories} {
		for _, name := range list {
			if !slices.Contains(names, name) {
				return nil, fmt.Errorf("column %q is none of the features: there are %.1000s", name, table.JoinNames(names))
			}
		}
	}
	var columns []table.Column
	for _, name := range names {
		if !slices.Contains(o.Without, name) {
			columns = append(columns, table.Column{Name: name, Kind: table.Any})
		}
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%s: no column is left for --features", files[0].path)
	}
	return columns, nil
}

// features reads the columns of a table and returns what each of them is, by the rows that are kept: levels and medians
// follow from the training split.
func (o ColumnsOptions) features(ctx context.Context, files []tableFile, columns []table.Column, rows []tableRow) (
	[]datasets.Feature, error) {
	profiles := make([]*profile, len(columns))
	for i, c := range columns {
		profiles[i] = &profile{name: c.Name, levels: map[string]bool{}, random: datasets.Stream(0, "median "+c.Name)}
	}
	for at, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		own := rowsOf(rows, at)
		err := readRows(file.path, columns, own, func(row tableRow, where string, cells []table.Value) error {
			for i, p := range profiles {
				if err := p.add(cells[i], row.split == datasets.Train, where); err != nil {
					return fmt.Errorf("%s: column %q %w", where, p.name, err)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	features := make([]datasets.Feature, len(profiles))
	for i, p := range profiles {
		var err error
		if features[i], err = p.feature(o); err != nil {
			return nil, fmt.Errorf("column %q %w", p.name, err)
		}
	}
	return features, nil
}

// profile is what the cells of a column are.
type profile struct {
	name    string
	numbers int // cells that are one
	missing int // cells that may be a missing number
	lists   int
	size    int // of the lists

	text, textAt string // the first cell that is neither number, list nor missing, and its place
	missingAt    string // the place of the first missing cell

	levels  map[string]bool // values of the training split as text, one more than may be at most
	median  []float32       // numbers of the training split: all, or of more than medianOf as many drawn from them
	trained int             // numbers of the training split
	random  *rand.Rand
}

// medianOf is the number of numbers of which a median is taken at most.
const medianOf = 1 << 17

func (p *profile) add(v table.Value, training bool, where string) error {
	text := datasets.Level(v)
	list, number, is := datasets.Cell(v)
	switch is {
	case table.Numbers:
		if len(list) == 0 {
			return errors.New("is a list of no numbers")
		}
		if p.size = cmp.Or(p.size, len(list)); len(list) != p.size {
			return fmt.Errorf("is a list of %d numbers: expected %d, as before", len(list), p.size)
		}
		p.lists++
		return nil
	case table.Number:
		if math.IsInf(float64(float32(number)), 0) {
			return fmt.Errorf("is %v: expected a finite number of 32 bits", number)
		}
		p.numbers++
	case table.Scalar:
		if p.missing++; p.missingAt == "" {
			p.missingAt = where
		}
	default:
		if p.textAt == "" {
			p.text, p.textAt = text, where
		}
	}
	if !training {
		return nil
	}
	if len(p.levels) <= maxLevels {
		p.levels[text] = true
	}
	if is == table.Number {
		p.sample(float32(number))
	}
	return nil
}

// sample keeps a number for the median: each of those so far with the same probability (algorithm R, Vitter 1985).
func (p *profile) sample(number float32) {
	p.trained++
	if len(p.median) < medianOf {
		p.median = append(p.median, number)
	} else if at := p.random.IntN(p.trained); at < medianOf {
		p.median[at] = number
	}
}

// feature tells what the column is: a list, a category where a cell is text or the options say so, else a number. The
// error goes on after its name.
func (p *profile) feature(o ColumnsOptions) (datasets.Feature, error) {
	f := datasets.Feature{Name: p.name}
	category := p.textAt != "" || slices.Contains(o.Categories, p.name)
	switch refuse := o.Missing == MissingRefuse; {
	case p.lists > 0:
		if other := cmp.Or(p.textAt, p.missingAt); other != "" || p.numbers > 0 {
			return f, fmt.Errorf("holds lists of %d numbers, but not in each row%s", p.size, inBrackets(other))
		}
		f.Size = p.size
		return f, nil
	case category && refuse && p.levels[""]:
		return f, fmt.Errorf("has no value at %s: fill it in, or leave out --missing refuse", p.missingAt)
	case category && len(p.levels) > maxLevels:
		return f, p.tooMany()
	case category:
		f.Levels = slices.Sorted(maps.Keys(p.levels))
		p.warnOfNumbers(o)
		return f, nil
	case p.trained == 0:
		return f, fmt.Errorf("has no value in the training split: leave it out with --without")
	case p.missing > 0 && refuse:
		return f, fmt.Errorf("has no number at %s: fill it in, or leave out --missing refuse", p.missingAt)
	case p.missing > 0:
		slices.Sort(p.median)
		lower, upper := p.median[(len(p.median)-1)/2], p.median[len(p.median)/2]
		median := lower + (upper-lower)/2
		f.Median = &median
		o.warn("column %q: %d missing numbers become %v, the median of the training split, and an element of the features "+
			"tells which they are",
			p.name, p.missing, median)
	}
	return f, nil
}

func inBrackets(where string) string {
	if where == "" {
		return ""
	}
	return " (" + where + ")"
}

// tooMany says what to do about a category of too many levels: it may be a column of numbers with a slip in it.
func (p *profile) tooMany() error {
	if p.numbers > 0 && p.textAt != "" {
		return fmt.Errorf("holds %d numbers, but is %.40q at %s: mend that, or leave the column out with --without",
			p.numbers, p.text, p.textAt)
	}
	return fmt.Errorf("has more than %d different values in the training split: join the rare ones, "+
		"leave it out with --without, or take it as the --id of the rows", maxLevels)
}

// warnOfNumbers tells of a category that has numbers among its levels, unless that was asked for.
func (p *profile) warnOfNumbers(o ColumnsOptions) {
	if p.numbers > 0 && !slices.Contains(o.Categories, p.name) {
		o.warn("column %q holds numbers and text (%.40q at %s): it is taken as a category of %d levels", p.name, p.text,
			p.textAt, len(p.levels))
	}
}

func (o ColumnsOptions) warn(format string, args ...any) {
	if o.Warn != nil {
		o.Warn(fmt.Sprintf(format, args...))
	}
}

// warnUnseen tells of the values that [datasets.EncodeFeatures] counted.
func (o ColumnsOptions) warnUnseen(features []datasets.Feature, unseen map[string]int) {
	for _, f := range features {
		if n := unseen[f.Name]; n > 0 {
			o.warn("column %q: %d rows of val and test have a value that no training row has: all its elements are 0", f.Name, n)
		}
	}
}
