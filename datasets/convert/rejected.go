package convert

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"

	"github.com/dirbench/dirbench/datasets"
)

// RejectedFile lists the rows that were left out, beside dataset.yaml: their line, path and the reason.
const RejectedFile = "rejected.csv"

// Rejection is a row that was left out.
type Rejection struct {
	Line   int // in the list that names it, from 1; 0 for a file that no list names
	Path   string
	Reason string
}

// rejections collects the rows that are left out.
type rejections struct {
	strict bool // a row that cannot be used is an error
	list   []Rejection
}

func (r *rejections) add(line int, path, reason string) error {
	if r.strict {
		return fmt.Errorf("%s: %s", path, reason)
	}
	r.list = append(r.list, Rejection{line, path, reason})
	return nil
}

// write writes RejectedFile if there is anything to list.
func (r *rejections) write(w *datasets.Writer) error {
	if len(r.list) == 0 {
		return nil
	}
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write([]string{"row", "path", "reason"})
	for _, rejected := range r.list {
		line := ""
		if rejected.Line > 0 {
			line = strconv.Itoa(rejected.Line)
		}
		out.Write([]string{line, rejected.Path, rejected.Reason})
	}
	out.Flush()
	return errors.Join(out.Error(), w.AddFile(RejectedFile, text.Bytes()))
}
