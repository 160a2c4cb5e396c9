package convert

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

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

// splitColumn is the column that SplitCSV fills.
const splitColumn = "split"

// SplitOptions are the options of SplitCSV.
type SplitOptions struct {
	Label string  // column of the label
	Width float64 // of a label bin
	Cap   int     // most samples of a bin in val, and in test
	Seed  uint64
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
	for i, split := range BalancedSplit(labels, o.Width, o.Cap, o.Seed) {
		rows[i] = Row{split, 1}
		held = held || split == datasets.Val
	}
	if !held {
		return nil, fmt.Errorf("no label bin of width %g holds 3 rows, so val and test would be empty: use wider bins", o.Width)
	}
	return rows, nil
}

// SplitCSV reads a CSV file with a header, divides its rows, and writes them, in their order, with the split as a last
// column or in the column of that name if there is one. A row that a protocol drew several times stands there as often, one
// that it did not draw is left out. It returns the rows in each split. Errors name the file and the line.
func SplitCSV(w io.Writer, name string, r io.Reader, opts SplitOptions) (map[datasets.Split]int, error) {
	header, rows, labels, err := readLabelled(name, r, opts.Label)
	if err != nil {
		return nil, err
	}
	at := slices.Index(header, splitColumn)
	if at < 0 {
		at = len(header)
		header = append(header, splitColumn)
	}
	divided, err := opts.divide(labels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	counts := map[datasets.Split]int{}
	out := csv.NewWriter(w)
	out.Write(header)
	for i, row := range rows {
		counts[divided[i].Split] += divided[i].Times
		for range divided[i].Times {
			out.Write(append(row[:at:at], append([]string{string(divided[i].Split)}, row[min(at+1, len(row)):]...)...))
		}
	}
	out.Flush()
	return counts, out.Error()
}

// readLabelled reads all rows of a CSV file and the labels in one of its columns.
func readLabelled(name string, r io.Reader, column string) (header []string, rows [][]string, labels []float64, err error) {
	const expected = "a header and a row for each sample"
	in := csv.NewReader(table.WithoutMark(r))
	if header, err = in.Read(); err != nil {
		return nil, nil, nil, csvError(name, err, expected)
	}
	at := slices.Index(header, column)
	if at < 0 {
		return nil, nil, nil, fmt.Errorf("%s:1: column %q is missing: the header has %s", name, column, strings.Join(header, ", "))
	}
	for {
		row, err := in.Read()
		if err == io.EOF && len(rows) > 0 {
			return header, rows, labels, nil
		}
		if err != nil {
			return nil, nil, nil, csvError(name, err, expected)
		}
		label, err := table.ParseNumber(row[at])
		if err != nil {
			line, _ := in.FieldPos(at)
			return nil, nil, nil, fmt.Errorf("%s:%d: %s %w", name, line, column, err)
		}
		rows, labels = append(rows, row), append(labels, label)
	}
}
