package score

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
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
	Spread     Role = "spread"
)

// Roles lists all roles; a column has the name of its role unless [Columns] says otherwise.
var Roles = []Role{ID, Prediction, Label, Seed, Method, Split, Spread}

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

// rows reads a file row by row.
type rows struct {
	path  string // as messages name it
	file  *table.File
	roles []Role
	cells map[Role]cell
	sum   hash.Hash // of what was read from standard input
}

// cell is a value as text; null if there is none.
type cell struct{ table.Value }

// openRows opens a file. Columns of required roles, and those that columns names, must be there; others may be. All
// hold scalars but that of predictions, which may hold lists.
func openRows(path string, columns Columns, required, optional []Role, prediction table.Kind) (*rows, error) {
	r := &rows{path: path, cells: map[Role]cell{}}
	var wanted []table.Column
	add := func(role Role, optional bool) {
		_, named := columns[role]
		r.roles = append(r.roles, role)
		kind := table.Scalar
		if role == Prediction {
			kind = prediction
		}
		wanted = append(wanted, table.Column{Name: columns.name(role), Kind: kind, Optional: optional && !named})
	}
	for _, role := range required {
		add(role, false)
	}
	for _, role := range optional {
		add(role, true)
	}
	var err error
	if path == Stdin {
		r.path, r.sum = "standard input", sha256.New()
		r.file, err = table.OpenText(r.path, io.TeeReader(os.Stdin, r.sum), wanted...)
	} else {
		r.file, err = table.Open(path, wanted...)
	}
	return r, err
}

// next reads the next row into cells; io.EOF after the last.
func (r *rows) next() error {
	values, err := r.file.Next()
	if err != nil {
		return err
	}
	for i, value := range values {
		r.cells[r.roles[i]] = cell{value}
	}
	return nil
}

// where is the place of the row in the file: "line 7" or "row 7".
func (r *rows) where() string {
	place := strings.TrimLeft(strings.TrimPrefix(r.file.Where(), r.path), ": ")
	if _, err := strconv.Atoi(place); err == nil {
		return "line " + place
	}
	return place
}

// sha256 returns the hash of the file, which has been read to its end.
func (r *rows) sha256() (string, error) {
	if r.sum == nil {
		return datasets.FileSHA256(r.path)
	}
	return hex.EncodeToString(r.sum.Sum(nil)), nil
}

// String returns the value as messages show it.
func (c cell) String() string {
	if c.Null {
		return "nothing"
	}
	return fmt.Sprintf("%.40q", c.Text)
}

// finite returns a cell's number as it is stored, in 32 bits; false if it has none.
func (c cell) finite() (float32, bool) {
	number, ok := c.number()
	return float32(number), ok
}

// number returns a cell's number, false if it has none that is finite in 32 bits.
func (c cell) number() (float64, bool) {
	number, err := strconv.ParseFloat(strings.TrimSpace(c.Text), 64)
	return number, err == nil && !math.IsNaN(number) && !math.IsInf(float64(float32(number)), 0)
}
