package pixelcache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets"
)

const (
	testRows = 20
	testSize = 5000
)

// made writes a dataset of rows images, which are not decoded here and need not be any.
func made(t testing.TB, rows int) *datasets.Dataset {
	t.Helper()
	meta := datasets.Meta{Schema: datasets.SchemaVersion, Name: "small", Title: "Small", Modality: datasets.Image,
		LabelSpace: datasets.AgeSpace(), Shots: datasets.AgeShots()}
	dir := filepath.Join(t.TempDir(), meta.Name)
	w, err := datasets.Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, split := range datasets.Splits {
		s, err := w.Split(split)
		if err != nil {
			t.Fatal(err)
		}
		for row := range rows {
			id := fmt.Sprintf("%s%d", split, row)
			if err := s.Write(datasets.Sample{ID: id, Label: 20, Image: []byte(id)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	ds, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// maker counts what a spec decodes and notes.
type maker struct {
	decoded atomic.Int64
	notes   []string
}

// spec has records that begin with the bytes of the image, the rest of which is their number.
func (m *maker) spec(ds *datasets.Dataset, size int) Spec {
	return Spec{Dataset: ds, Split: datasets.Val, Kind: "test", Size: size,
		Decode: func(s datasets.Sample, record []byte) error {
			m.decoded.Add(1)
			fillRecord(record, string(s.Image))
			return nil
		},
		Note: func(text string) { m.notes = append(m.notes, text) },
	}
}

func fillRecord(record []byte, text string) {
	for i := range record {
		record[i] = byte(len(text) * i)
	}
	copy(record, text)
}

// checkRecords reads all records of split val.
func checkRecords(t *testing.T, r *Records) {
	t.Helper()
	got, want := make([]byte, r.Size()), make([]byte, r.Size())
	r.WillNeed([]int{0, r.Len() - 1})
	for row := range r.Len() {
		fillRecord(want, fmt.Sprintf("val%d", row))
		clear(got)
		if err := r.Read(row, got); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("row %d: %v, wrong record: %v", row, err, !bytes.Equal(got, want))
		}
	}
}

func open(t *testing.T, spec Spec) *Records {
	t.Helper()
	r, err := Open(spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpen(t *testing.T) {
	var m maker
	spec := m.spec(made(t, testRows), testSize)
	for range 2 {
		checkRecords(t, open(t, spec))
	}
	if n := m.decoded.Load(); n != testRows || len(m.notes) > 0 {
		t.Errorf("%d samples decoded, want each of %d once; notes %q", n, testRows, m.notes)
	}
	if problems, err := spec.Dataset.Verify(t.Context(), nil); err != nil || strings.Contains(fmt.Sprint(problems), Dir) {
		t.Errorf("data verify complains: %v %v", problems, err)
	}
}

// TestShared opens the same records from several places at once: one makes them, the others wait.
func TestShared(t *testing.T) {
	var m maker
	spec := m.spec(made(t, testRows), testSize)
	var group errgroup.Group
	for range 8 {
		group.Go(func() error { _, err := Open(spec); return err })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := m.decoded.Load(); n != testRows {
		t.Errorf("%d samples decoded, want %d", n, testRows)
	}
	checkRecords(t, open(t, spec))
}

// TestNoFile: where no file can be made, the records are in memory.
func TestNoFile(t *testing.T) {
	tests := map[string]func(spec Spec) error{
		"no folder": func(spec Spec) error { return os.WriteFile(spec.dir(), nil, 0o644) },
		"no place": func(spec Spec) error {
			return errors.Join(os.MkdirAll(spec.path(), 0o755), os.WriteFile(filepath.Join(spec.path(), "x"), nil, 0o644))
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			var m maker
			spec := m.spec(made(t, testRows), testSize)
			if err := prepare(spec); err != nil {
				t.Fatal(err)
			}
			checkRecords(t, open(t, spec))
			if len(m.notes) != 1 || !strings.Contains(m.notes[0], "held in memory") {
				t.Errorf("notes %q, want one", m.notes)
			}
			if left, _ := filepath.Glob(filepath.Join(spec.dir(), "*.tmp-*")); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestHeldEncoded(t *testing.T) {
	var m maker
	spec := m.spec(made(t, testRows), testSize)
	held, err := spec.holdEncoded()
	if err != nil {
		t.Fatal(err)
	}
	checkRecords(t, &Records{spec: spec, from: held})
}

// TestOthersAreRemoved: of a split and kind only one file stays.
func TestOthersAreRemoved(t *testing.T) {
	var m maker
	ds := made(t, testRows)
	old := m.spec(ds, testSize)
	mapped := open(t, old)
	other := m.spec(ds, testSize)
	other.Kind = "other"
	open(t, other)
	renewed := m.spec(ds, testSize)
	renewed.Version++
	open(t, renewed)
	for path, want := range map[string]bool{old.path(): false, other.path(): true, renewed.path(): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", filepath.Base(path), err, want)
		}
	}
	checkRecords(t, mapped)
}

func TestBadDataset(t *testing.T) {
	var m maker
	ds := made(t, testRows)
	spec := m.spec(ds, testSize)
	spec.Decode = func(s datasets.Sample, _ []byte) error {
		if s.ID == "val3" {
			return errors.New("no image")
		}
		return nil
	}
	if _, err := Open(spec); err == nil || err.Error() != "small: split val, id val3: no image" {
		t.Errorf("error %v", err)
	}
	for rows, want := range map[int]string{testRows - 1: "more rows", testRows + 1: "fewer rows"} {
		part := ds.Meta.Splits[datasets.Val]
		part.Rows = rows
		ds.Meta.Splits[datasets.Val] = part
		if _, err := Open(m.spec(ds, testSize)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d rows: error %v, want %s", rows, err, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(spec.dir(), "*pixels*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	_ = os.Remove(filepath.Join(ds.Dir, "val.parquet"))
	if _, err := Open(m.spec(ds, testSize)); err == nil ||
		!strings.Contains(err.Error(), "val.parquet: the file is missing") {
		t.Errorf("error %v", err)
	}
}
