package convert

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// Folders and columns of NSRR's layout of SHHS.
const (
	shhsRecordings = "polysomnography/edfs/shhs2"
	shhsTables     = "datasets/shhs2-dataset-*.csv"
	shhsID         = "nsrrid"
	shhsLabel      = "gh_s2"
)

var shhsFile = regexp.MustCompile(`(?i)^shhs2-(\w+)\.edf$`)

// subject is a row of the SHHS table.
type subject struct {
	line     int
	id       string
	label    float32
	path     string // of the recording
	rejected string // why the subject is left out, or empty
	warning  string // what is odd about the recording, or empty
}

// readSubjects reads the SHHS table: a header with nsrrid and gh_s2 in any case, among others. A row without a usable
// label is marked as rejected; only a malformed file is an error.
func readSubjects(name string, r io.Reader) ([]subject, error) {
	const expected = "a header with " + shhsID + " and " + shhsLabel + ", and a row for each subject"
	rows := csv.NewReader(table.WithoutMark(r))
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, csvError(name, err, expected)
	}
	var columns [2]int
	for i, column := range []string{shhsID, shhsLabel} {
		columns[i] = slices.IndexFunc(header, func(cell string) bool {
			return strings.EqualFold(strings.TrimSpace(cell), column)
		})
		if columns[i] < 0 {
			return nil, fmt.Errorf("%s:1: column %q is missing: expected %s", name, column, expected)
		}
	}
	var subjects []subject
	lines := map[string]int{}
	for {
		row, err := rows.Read()
		if err == io.EOF && len(subjects) > 0 {
			return subjects, nil
		}
		if err != nil {
			return nil, csvError(name, err, expected)
		}
		s := subject{id: strings.TrimSpace(row[columns[0]])}
		s.line, _ = rows.FieldPos(0)
		s.label, s.rejected = parseScore(strings.TrimSpace(row[columns[1]]))
		if before, used := lines[s.id]; used {
			s.rejected = fmt.Sprintf("%s %.20q is that of line %d already", shhsID, s.id, before)
		} else {
			lines[s.id] = s.line
		}
		subjects = append(subjects, s)
	}
}

// parseScore returns a health score, or why it is none.
func parseScore(text string) (score float32, rejected string) {
	if text == "" {
		return 0, shhsLabel + " is missing"
	}
	score, err := parseLabel(text, datasets.SHHSSpace())
	switch {
	case err != nil:
		return 0, shhsLabel + ": " + err.Error()
	case score <= 0:
		return 0, fmt.Sprintf("%s is %v, which stands for no answer", shhsLabel, score)
	}
	return score, ""
}

// findTable returns the table of an SHHS folder.
func findTable(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(quoteGlob(dir), filepath.FromSlash(shhsTables)))
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("%s: %s is missing: expected the folder of NSRR's SHHS files", dir, shhsTables)
	case len(found) > 1:
		return "", fmt.Errorf("%s: several files %s: name the one to use with --labels", dir, shhsTables)
	}
	return found[0], nil
}

// quoteGlob makes a pattern that matches exactly the path.
func quoteGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// matchRecordings gives each subject its recording and marks those without one. It returns the recordings that belong
// to no subject.
func matchRecordings(dir string, subjects []subject) (unknown []string, err error) {
	folder := filepath.Join(dir, filepath.FromSlash(shhsRecordings))
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %s is missing: expected the folder of NSRR's SHHS files", dir, shhsRecordings)
	}
	if err != nil {
		return nil, err
	}
	byID := map[string]string{}
	for _, entry := range entries {
		if match := shhsFile.FindStringSubmatch(entry.Name()); match != nil && !entry.IsDir() {
			byID[strings.ToLower(match[1])] = entry.Name()
		}
	}
	used := map[string]bool{}
	for i := range subjects {
		s := &subjects[i]
		name, ok := byID[strings.ToLower(s.id)]
		if !ok {
			s.path = "shhs2-" + s.id + ".edf"
			if s.rejected == "" {
				s.rejected = "the file is missing"
			}
			continue
		}
		s.path, used[name] = filepath.Join(folder, name), true
	}
	for _, entry := range entries {
		if shhsFile.MatchString(entry.Name()) && !entry.IsDir() && !used[entry.Name()] {
			unknown = append(unknown, entry.Name())
		}
	}
	return unknown, nil
}
