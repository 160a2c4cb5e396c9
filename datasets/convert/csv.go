package convert

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

const (
	byteOrderMark = "\ufeff" // which spreadsheets write
	recordColumns = "a header with age, path and split, and a row for each image"
)

// record is a row of an age,path,split table.
type record struct {
	line  int // in the file, from 1
	age   float32
	path  string
	split datasets.Split
}

func readRecordFile(path string) ([]record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	records, err := readRecords(path, file)
	if err != nil {
		return nil, err
	}
	return records, checkRecords(path, records)
}

// checkRecords finds early, before images are read, what would make a dataset impossible.
func checkRecords(name string, records []record) error {
	lines, splits := map[string]int{}, map[datasets.Split]bool{}
	for _, rec := range records {
		if before, used := lines[rec.path]; used {
			return fmt.Errorf("%s:%d: path %q is that of line %d already", name, rec.line, rec.path, before)
		}
		lines[rec.path] = rec.line
		splits[rec.split] = true
	}
	for _, split := range datasets.Splits {
		if !splits[split] {
			return fmt.Errorf("%s: split %s has no samples", name, split)
		}
	}
	return nil
}

// readRecords reads a CSV file whose header names the columns age, path and split, in any order and among others.
// Errors name the file and the line.
func readRecords(name string, r io.Reader) ([]record, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, csvError(name, err, recordColumns)
	}
	columns, err := findColumns(header)
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", name, err)
	}
	var records []record
	for {
		row, err := rows.Read()
		if err == io.EOF && len(records) > 0 {
			return records, nil
		}
		if err != nil {
			return nil, csvError(name, err, recordColumns)
		}
		line, _ := rows.FieldPos(0)
		rec, err := parseRecord(row[columns[0]], row[columns[1]], row[columns[2]])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		rec.line = line
		records = append(records, rec)
	}
}

// findColumns returns the positions of age, path and split.
func findColumns(header []string) (positions [3]int, err error) {
	header[0] = strings.TrimPrefix(header[0], byteOrderMark)
	for i, column := range []string{"age", "path", "split"} {
		positions[i] = slices.Index(header, column)
		if positions[i] < 0 {
			return positions, fmt.Errorf("column %q is missing: expected a header with age, path and split", column)
		}
	}
	return positions, nil
}

func parseRecord(age, path, split string) (record, error) {
	label, err := parseLabel(age, datasets.AgeSpace())
	if err != nil {
		return record{}, err
	}
	if path == "" {
		return record{}, errors.New("path is empty")
	}
	if !slices.Contains(datasets.Splits, datasets.Split(split)) {
		return record{}, fmt.Errorf("split %.40q: expected train, val or test", split)
	}
	return record{age: label, path: path, split: datasets.Split(split)}, nil
}

// csvError names the file and line of an error of the CSV reader; expected says what a file without rows should hold.
func csvError(name string, err error, expected string) error {
	var parse *csv.ParseError
	switch {
	case err == io.EOF:
		return fmt.Errorf("%s: no rows: expected %s", name, expected)
	case errors.Is(err, csv.ErrFieldCount) && errors.As(err, &parse):
		return fmt.Errorf("%s:%d: expected as many columns as the header has", name, parse.Line)
	case errors.As(err, &parse):
		return fmt.Errorf("%s:%d: %w", name, parse.Line, parse.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
