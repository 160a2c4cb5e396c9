package convert

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// BalancedSplit divides samples by the rule of the official benchmarks: the samples of each label bin are shuffled, the
// first n = min(floor(N/3), limit) of its N go to val, the next n to test and the rest to train. A bin is one width of
// labels; width 1 is a whole year of age. The result is in the order of the labels, which must be finite. The shuffle
// depends on the seed and the bin only; it is not that of the official Python code, so an official split is to be taken
// from the official files.
func BalancedSplit(labels []float64, width float64, limit int, seed uint64) []datasets.Split {
	return balancedSplit(len(labels), func(i int) float64 { return datasets.BinNumber(labels[i], width) }, limit, seed)
}

// balancedSplit is BalancedSplit for n samples whose bins a function knows.
func balancedSplit(n int, binOf func(i int) float64, limit int, seed uint64) []datasets.Split {
	bins := map[float64][]int{}
	for i := range n {
		bin := binOf(i)
		bins[bin] = append(bins[bin], i)
	}
	splits := make([]datasets.Split, n)
	for bin, members := range bins {
		rng := datasets.Stream(seed, fmt.Sprintf("split of bin %g", bin))
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		n := min(len(members)/3, limit)
		for rank, i := range members {
			switch {
			case rank < n:
				splits[i] = datasets.Val
			case rank < 2*n:
				splits[i] = datasets.Test
			default:
				splits[i] = datasets.Train
			}
		}
	}
	return splits
}

// splitColumn is the column that SplitTable fills.
const splitColumn = "split"

// SplitOptions are the options of SplitTable.
type SplitOptions struct {
	Label string  // column of the label
	Width float64 // of a label bin
	// Binning, unless nil, says what the bins are in place of Width.
	Binning *datasets.Binning
	Cap     int // most samples of a bin in val, and in test
	Seed    uint64
	// Protocol, unless nil, draws the rows in place of BalancedSplit; Cap is then about test only.
	Protocol *Protocol
}

// divide says what becomes of each row.
func (o SplitOptions) divide(labels []float64) ([]Row, error) {
	if o.Protocol != nil {
		return o.Protocol.Draw(labels, o.Width, o.Cap, o.Seed)
	}
	rows := make([]Row, len(labels))
	held := false
	bins, err := o.bins(labels)
	if err != nil {
		return nil, err
	}
	for i, split := range balancedSplit(len(labels), bins, o.Cap, o.Seed) {
		rows[i] = Row{split, 1}
		held = held || split == datasets.Val
	}
	if !held && o.Binning == nil {
		return nil, fmt.Errorf("no label bin of width %g holds 3 rows, so val and test would be empty: use wider bins",
			o.Width)
	} else if !held {
		return nil, errors.New("no label bin holds 3 rows, so val and test would be empty: use fewer bins")
	}
	return rows, nil
}

// bins returns a function that knows the bin of each row.
func (o SplitOptions) bins(labels []float64) (func(i int) float64, error) {
	if o.Binning == nil {
		return func(i int) float64 { return datasets.BinNumber(labels[i], o.Width) }, nil
	}
	kept := make([]float32, len(labels))
	for i, label := range labels {
		kept[i] = float32(label)
	}
	space, err := o.Binning.Space(o.Label, kept, nil)
	return func(i int) float64 { return float64(space.Bin(kept[i])) }, err
}

// SplitTable reads a table of any format, whose columns must be numbers and text, divides its rows, and returns them,
// in their order, with the split as a last column or in the column of that name if there is one. A row that a protocol
// drew several times stands there as often, one that it did not draw is left out. It returns the rows in each split
// too. Errors name the file and the row.
func SplitTable(path string, opts SplitOptions) (table.Data, map[datasets.Split]int, error) {
	rows, labels, err := readLabelled(path, opts.Label)
	if err != nil {
		return table.Data{}, nil, err
	}
	at := slices.Index(rows.Names, splitColumn)
	if at < 0 {
		at = len(rows.Names)
		rows.Names, rows.Columns = append(rows.Names, splitColumn), append(rows.Columns, make([]string, len(labels)))
	}
	divided, err := opts.divide(labels)
	if err != nil {
		return table.Data{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	counts := map[datasets.Split]int{}
	drawn := table.Data{Names: rows.Names, Columns: make([][]string, len(rows.Names))}
	for row, place := range divided {
		counts[place.Split] += place.Times
		rows.Columns[at][row] = string(place.Split)
		for i, column := range rows.Columns {
			drawn.Columns[i] = append(drawn.Columns[i], slices.Repeat(column[row:row+1], place.Times)...)
		}
	}
	return drawn, counts, nil
}

// readLabelled reads all columns of a table, and the labels in one of them.
func readLabelled(path, label string) (rows table.Data, labels []float64, err error) {
	fields, err := table.Fields(path)
	if err != nil {
		return rows, nil, err
	}
	var columns []table.Column
	for _, field := range fields {
		columns = append(columns, table.Column{Name: field.Name, Kind: table.Scalar})
		rows.Names = append(rows.Names, field.Name)
	}
	f, err := table.Open(path, append(columns, table.Column{Name: label, Kind: table.Number})...)
	if err != nil {
		return rows, nil, err
	}
	defer f.Close()
	rows.Columns = make([][]string, len(fields))
	for {
		cells, err := f.Next()
		if err == io.EOF && len(labels) == 0 {
			return rows, nil, fmt.Errorf("%s: no rows", path)
		}
		if err == io.EOF {
			return rows, labels, nil
		}
		if err != nil {
			return rows, nil, err
		}
		for i := range fields {
			rows.Columns[i] = append(rows.Columns[i], cells[i].Text)
		}
		labels = append(labels, cells[len(fields)].Number)
	}
}
