package score

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// Role is what a column of a file is for.
type Role string

// The roles. Only ids and predictions, or ids and labels, must be there.
const (
	ID         Role = "id"
	Prediction Role = "prediction"
	Label      Role = "label"
	Seed       Role = "seed"
	Method     Role = "method"
	Split      Role = "split"
)

// Roles lists all roles; a column has the name of its role unless [Columns] says otherwise.
var Roles = []Role{ID, Prediction, Label, Seed, Method, Split}

// Columns are other names of columns, by role.
type Columns map[Role]string

func (c Columns) name(r Role) string {
	if name, ok := c[r]; ok {
		return name
	}
	return string(r)
}

// Stdin stands for standard input in place of a file's name.
const Stdin = "-"

// cell is a value of a file: text, a number, or missing.
type cell struct {
	text    string
	number  float64
	numeric bool
	missing bool
}

// record is a row of a file.
type record struct {
	at    int // its line, or its row in a table, from 1
	cells map[Role]cell
}

// table reads the rows of a file one by one, whatever its form. It holds one row, or a page of a Parquet file.
type table struct {
	path    string              // as messages name it
	unit    string              // what record.at counts: line or row
	columns map[Role]bool       // those that are there
	next    func(*record) error // io.EOF after the last row
	file    *os.File
	sum     hash.Hash // of what was read; nil for Parquet
}

// maxRow bounds what a row of text may take.
const maxRow = 1 << 20

// openTable opens a file of any form, which it tells by the content. Columns of required roles, and those that columns
// names, must be there; others may be.
func openTable(path string, columns Columns, required, optional []Role) (*table, error) {
	t := &table{path: "standard input", unit: "line", columns: map[Role]bool{}, file: os.Stdin}
	if path != Stdin {
		var err error
		if t.file, err = os.Open(path); err != nil {
			return nil, err
		}
		t.path = path
	}
	if err := t.open(columns, required, optional); err != nil {
		t.close()
		return nil, fmt.Errorf("%s: %w", t.path, err)
	}
	return t, nil
}

func (t *table) close() {
	if t.file != os.Stdin {
		t.file.Close()
	}
}

func (t *table) open(columns Columns, required, optional []Role) error {
	if info, err := t.file.Stat(); err == nil && info.IsDir() {
		return errors.New("a folder: expected a file of predictions")
	}
	t.sum = sha256.New()
	limited := &rowLimit{r: io.TeeReader(t.file, t.sum)}
	in := bufio.NewReader(limited)
	limited.left = maxRow
	head, err := in.Peek(512)
	if len(head) == 0 {
		if err == io.EOF {
			err = errors.New("the file is empty")
		}
		return err
	}
	wanted := wantedColumns{columns, required, optional}
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		if t.file == os.Stdin {
			return errors.New("Parquet cannot be read from a pipe: give the name of a file")
		}
		t.unit, t.sum = "row", nil
		return t.openParquet(wanted)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return errors.New("the text is UTF-16: expected UTF-8")
	case bytes.IndexByte(head, 0) >= 0 || bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return errors.New("neither text nor Parquet: expected CSV, TSV, JSON Lines or Parquet")
	}
	text := datasets.WithoutMark(in)
	switch first := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"); {
	case bytes.HasPrefix(first, []byte("[")):
		return errors.New("a JSON array: expected an object a line (JSON Lines)")
	case bytes.HasPrefix(first, []byte("{")):
		t.openLines(text, limited, wanted)
		return nil
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return t.openDelimited(text, limited, bytes.IndexByte(line, '\t') >= 0, wanted)
}

// wantedColumns are the columns that a reader looks for.
type wantedColumns struct {
	names              Columns
	required, optional []Role
}

// place returns the position of each role's column among the names of a file.
func (w wantedColumns) place(there []string) (map[Role]int, error) {
	at := map[Role]int{}
	for _, role := range slices.Concat(w.required, w.optional) {
		name := w.names.name(role)
		i := slices.Index(there, name)
		if _, named := w.names[role]; i < 0 && (named || slices.Contains(w.required, role)) {
			const shown = 12
			more := ""
			if len(there) > shown {
				there, more = there[:shown], ", …"
			}
			return nil, fmt.Errorf("column %q is missing: there are %.300s%s", name, strings.Join(there, ", "), more)
		}
		if i >= 0 {
			at[role] = i
		}
	}
	return at, nil
}

// rowLimit ends reading when a single row takes too much; whoever has read a row sets left anew.
type rowLimit struct {
	r    io.Reader
	left int
}

var errLongRow = fmt.Errorf("the row is longer than %d MiB", maxRow>>20)

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// openDelimited reads rows with commas, or tabs, below a header.
func (t *table) openDelimited(in io.Reader, limit *rowLimit, tabs bool, wanted wantedColumns) error {
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	if tabs {
		rows.Comma, rows.LazyQuotes = '\t', true
	}
	read := func() ([]string, int, error) {
		limit.left = maxRow
		cells, err := rows.Read()
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return nil, parse.Line, parse.Err
		}
		line, _ := rows.FieldPos(0)
		return cells, line, err
	}
	header, line, err := read()
	if err != nil {
		return fmt.Errorf("line %d: %w", max(1, line), err)
	}
	at, err := wanted.place(header)
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	for role := range at {
		t.columns[role] = true
	}
	last := 1
	t.next = func(r *record) error {
		cells, line, err := read()
		if err == io.EOF {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", t.path, max(line, last+1), err)
		}
		r.at, last = line, line
		for role, i := range at {
			r.cells[role] = cell{text: cells[i], missing: cells[i] == ""}
		}
		return nil
	}
	return nil
}

// openLines reads a JSON object from each line.
func (t *table) openLines(in io.Reader, limit *rowLimit, wanted wantedColumns) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxRow)
	all := slices.Concat(wanted.required, wanted.optional)
	for _, role := range all {
		t.columns[role] = true
	}
	line := 0
	t.next = func(r *record) error {
		fail := func(err error) error { return fmt.Errorf("%s: line %d: %w", t.path, line, err) }
		for {
			limit.left = 2 * maxRow
			line++
			if !lines.Scan() {
				if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) || errors.Is(err, errLongRow) {
					return fail(errLongRow)
				} else if err != nil {
					return fail(err)
				}
				return io.EOF
			}
			if len(bytes.TrimSpace(lines.Bytes())) > 0 {
				break
			}
		}
		var object map[string]any
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			return fail(fmt.Errorf("expected a JSON object: %w", err))
		}
		r.at = line
		for _, role := range all {
			name := wanted.names.name(role)
			value, ok := jsonCell(object[name])
			if !ok {
				return fail(fmt.Errorf("%q: expected text or a number", name))
			}
			r.cells[role] = value
		}
		return nil
	}
}

func jsonCell(value any) (cell, bool) {
	switch v := value.(type) {
	case nil:
		return cell{missing: true}, true
	case string:
		return cell{text: v}, true
	case json.Number:
		return cell{text: v.String()}, true
	}
	return cell{}, false
}

// sha256 returns the hash of the file, which has been read to its end.
func (t *table) sha256() (string, error) {
	if t.sum == nil {
		return datasets.FileSHA256(t.path)
	}
	return hex.EncodeToString(t.sum.Sum(nil)), nil
}
