package datasets

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Dataset is a prepared dataset on disk.
type Dataset struct {
	Dir  string
	Meta Meta
}

// Open reads and validates the dataset.yaml in dir. It does not look at the Parquet files; Verify does.
func Open(dir string) (*Dataset, error) {
	path := filepath.Join(dir, MetaFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no dataset there (%s is missing): make one with dirbench data", dir, MetaFile)
	}
	if err != nil {
		return nil, err
	}
	meta, err := parseMeta(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Dataset{Dir: dir, Meta: meta}, nil
}

// TrainCounts returns the number of training samples in each bin of the label space.
func (d *Dataset) TrainCounts() []int { return slices.Clone(d.Meta.Splits[Train].Counts) }

// Regions returns the shot region of each bin of the label space.
func (d *Dataset) Regions() []Region { return d.Meta.Shots.Regions(d.Meta.Splits[Train].Counts) }

func (d *Dataset) path(split Split) string { return filepath.Join(d.Dir, d.Meta.Splits[split].File) }

// parseMeta decodes dataset.yaml, refusing fields it does not know.
func parseMeta(text []byte) (Meta, error) {
	var meta Meta
	// The version comes first: a later version may have fields that this one does not know.
	var version struct{ Schema int }
	if err := yaml.Unmarshal(text, &version); err == nil && version.Schema != SchemaVersion {
		return meta, fmt.Errorf("schema: version %d, expected %d: make the dataset again with this dirbench",
			version.Schema, SchemaVersion)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&meta); err != nil {
		return meta, yamlError(err)
	}
	return meta, meta.validate()
}

// yamlError makes one line, in the words of the file, of what the YAML decoder reports.
func yamlError(err error) error {
	var list *yaml.TypeError
	if !errors.As(err, &list) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	line, _, _ := strings.Cut(list.Errors[0], " in type ")
	return errors.New(strings.Replace(line, "not found", "is unknown", 1))
}

// validateHead checks all but the splits, which a writer does not know at the start.
func (m Meta) validateHead() error {
	switch {
	case m.Name == "" || m.Name != filepath.Base(m.Name) || strings.HasPrefix(m.Name, "."):
		return fmt.Errorf("name %q: expected a folder name", m.Name)
	case m.Title == "":
		return errors.New("title: expected the name that tables print")
	case !slices.Contains(modalities, m.Modality):
		return fmt.Errorf("modality %q: expected one of %q", m.Modality, modalities)
	}
	if err := m.validateGroups(); err != nil {
		return err
	}
	if err := m.LabelSpace.Validate(); err != nil {
		return err
	}
	return m.Shots.Validate(m.LabelSpace.Bins)
}

func (m Meta) validate() error {
	if err := m.validateHead(); err != nil {
		return err
	}
	for split := range m.Splits {
		if !split.valid() {
			return fmt.Errorf("splits: %q: expected train, val or test", split)
		}
	}
	for _, split := range Splits {
		part, ok := m.Splits[split]
		if !ok {
			return fmt.Errorf("splits: %s is missing", split)
		}
		if err := part.validate(m.LabelSpace.Bins, m.Modality.Dense()); err != nil {
			return fmt.Errorf("splits: %s: %w", split, err)
		}
	}
	return nil
}

// validateGroups checks the channel groups, which a signal dataset has and no other.
func (m Meta) validateGroups() error {
	if (m.Modality == Signal) != (len(m.Groups) > 0) {
		return fmt.Errorf("groups: %d channel groups in a dataset of modality %s", len(m.Groups), m.Modality)
	}
	names := map[string]bool{colID: true, colLabel: true}
	for _, g := range m.Groups {
		switch {
		case g.Name == "" || names[g.Name]:
			return fmt.Errorf("groups: name %q is empty, reserved or used twice", g.Name)
		case len(g.Channels) == 0:
			return fmt.Errorf("groups: %s: expected at least one channel", g.Name)
		case !(g.Rate > 0) || g.Rate > 1e6:
			return fmt.Errorf("groups: %s: rate %g: expected a positive number of samples a second", g.Name, g.Rate)
		}
		names[g.Name] = true
	}
	return nil
}

func (p SplitMeta) validate(bins int, dense bool) error {
	if p.File == "" || p.File != filepath.Base(p.File) {
		return fmt.Errorf("file %q: expected a file name without a folder", p.File)
	}
	if sum, err := hex.DecodeString(p.SHA256); err != nil || len(sum) != 32 {
		return fmt.Errorf("sha256 %q: expected 64 hexadecimal digits", p.SHA256)
	}
	if p.Rows < 1 {
		return fmt.Errorf("rows %d: the split is empty", p.Rows)
	}
	if len(p.Counts) != bins {
		return fmt.Errorf("counts: %d numbers, expected one for each of the %d bins", len(p.Counts), bins)
	}
	total := 0
	for bin, n := range p.Counts {
		if n < 0 {
			return fmt.Errorf("counts: bin %d: %d samples", bin, n)
		}
		total += n
	}
	if dense && total == 0 {
		return errors.New("counts: no pixel has a depth")
	}
	if !dense && total != p.Rows {
		return fmt.Errorf("rows: %d, but counts add up to %d", p.Rows, total)
	}
	return nil
}

func (s Split) valid() bool { return slices.Contains(Splits, s) }
