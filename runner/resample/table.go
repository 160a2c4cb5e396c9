package resample

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/methods"
)

// column is a column of a table in memory.
type column struct {
	name   string
	text   []string // of the cells, as in the file; empty: missing
	apart  bool     // has no part in distances and none in synthetic rows
	levels []string // of a category, by number
	values methods.Column
}

// read reads a table and tells what its columns are.
func (o Options) read(path string) ([]column, error) {
	fields, err := table.Fields(path)
	if err != nil {
		return nil, err
	}
	columns, wanted := make([]column, len(fields)), make([]table.Column, len(fields))
	for i, field := range fields {
		columns[i], wanted[i] = column{name: field.Name}, table.Column{Name: field.Name, Kind: table.Scalar}
	}
	if err := o.checkNames(path, columns); err != nil {
		return nil, err
	}
	f, err := table.Open(path, wanted...)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for {
		row, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, cell := range row {
			columns[i].text = append(columns[i].text, cell.Text)
			if _, ok := number(cell.Text); columns[i].name == o.Label && !ok {
				return nil, fmt.Errorf("%s: column %q is %.40q: expected a finite number", f.Where(), o.Label, cell.Text)
			}
		}
	}
	if len(columns[0].text) == 0 {
		return nil, fmt.Errorf("%s: no rows", path)
	}
	for i := range columns {
		o.interpret(&columns[i])
	}
	return columns, nil
}

// checkNames finds columns that the options name and the table lacks.
func (o Options) checkNames(path string, columns []column) error {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return c.name == name })
	}
	for _, name := range slices.Concat([]string{o.Label}, o.Without, o.Categories) {
		if !has(name) {
			var names []string
			for _, c := range columns {
				names = append(names, c.name)
			}
			return fmt.Errorf("%s: column %q is missing: there are %.1000s", path, name, strings.Join(names, ", "))
		}
	}
	if o.Mark != "" && has(o.Mark) {
		return fmt.Errorf("%s: column %q, which is to mark synthetic rows, is there already", path, o.Mark)
	}
	if len(columns) <= 1+len(o.Without) {
		return fmt.Errorf("%s: no column is left beside the label %s", path, o.Label)
	}
	return nil
}

// interpret takes a column as numbers if all its cells are, but for missing ones, else as a category.
func (o Options) interpret(c *column) {
	c.apart = slices.Contains(o.Without, c.name)
	numbers, other := make([]float64, len(c.text)), -1
	found := 0
	for row, text := range c.text {
		v, ok := number(text)
		switch {
		case ok:
			found++
		case !table.MissingNumber(text) && other < 0:
			other = row
		}
		numbers[row] = v
	}
	if other < 0 && found > 0 && !slices.Contains(o.Categories, c.name) {
		c.values.Numbers = numbers
		return
	}
	if found > 0 && other >= 0 && !c.apart && o.Warn != nil && !slices.Contains(o.Categories, c.name) {
		o.Warn(fmt.Sprintf("column %q holds numbers and text (%.40q in row %d): it is taken as a category", c.name,
			c.text[other], other+1))
	}
	known := map[string]int{"": -1}
	for _, text := range c.text {
		level, ok := known[text]
		if !ok {
			level = len(c.levels)
			known[text], c.levels = level, append(c.levels, text)
		}
		c.values.Levels = append(c.values.Levels, level)
	}
}

// number returns the number that a text is; NaN if it is none.
func number(text string) (float64, bool) {
	v, err := table.ParseNumber(text)
	if err != nil {
		return math.NaN(), false
	}
	return v, true
}

// format returns the cells of synthetic values.
func (c column) format(values methods.Column) []string {
	cells := make([]string, 0, len(values.Numbers)+len(values.Levels))
	for _, v := range values.Numbers {
		text := ""
		if !math.IsNaN(v) {
			text = strconv.FormatFloat(v, 'f', -1, 64)
		}
		cells = append(cells, text)
	}
	for _, level := range values.Levels {
		text := ""
		if level >= 0 {
			text = c.levels[level]
		}
		cells = append(cells, text)
	}
	return cells
}
