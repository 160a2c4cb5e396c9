package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets/table"
)

// Columns names the columns of files that others wrote, where a dataset uses them where they lie. The columns of
// signals are the channels of their groups, those of a table its features.
type Columns struct {
	ID    string `yaml:"id,omitempty"` // empty: ids are the numbers of the rows, from 1, through all files
	Label string `yaml:"label"`
	Image string `yaml:"image,omitempty"`
	// Images is the folder that paths of images are relative to; empty: that of the file that has them.
	Images string   `yaml:"images,omitempty"`
	Text   []string `yaml:"text,flow,omitempty"` // the sentence, or the two
}

// Source is a file that others wrote, and the rows of it that a split has.
type Source struct {
	Path   string `yaml:"path"` // relative to the folder of dataset.yaml, or absolute
	SHA256 string `yaml:"sha256"`
	Before int    `yaml:"before,omitempty"` // rows of the files before it, after which ids go on
	Rows   string `yaml:"rows"`             // such as "1-5,7", from 1
	// Images is a hash over the images of these rows, where they lie in files of their own.
	Images string `yaml:"images_sha256,omitempty"`
}

// InPlace reports whether the files of the splits are of other origin and used where they lie.
func (m Meta) InPlace() bool { return m.Columns != nil }

// namesOf returns the columns of a file of which a column of the dataset is made: none for ids that are numbers of
// rows, several for a group of channels and for features.
func (m Meta) namesOf(c column) []string {
	switch {
	case !m.InPlace():
		return []string{c.name}
	case c.name == colLabel:
		return []string{m.Columns.Label}
	case c.name == colID && m.Columns.ID == "":
		return nil
	case c.name == colID:
		return []string{m.Columns.ID}
	case m.Modality == Image:
		return []string{m.Columns.Image}
	case c.name == colSentence1 && m.Modality == Text:
		return m.Columns.Text[:1]
	case c.name == colSentence2 && m.Modality == Text:
		return m.Columns.Text[1:]
	}
	if m.Modality == Table {
		var names []string
		for _, feature := range m.Features {
			names = append(names, feature.Name)
		}
		return names
	}
	for _, group := range m.Groups {
		if group.Name == c.name {
			return group.Channels
		}
	}
	panic("a column without a source: " + c.name)
}

// validateColumns checks that the columns fit the modality.
func (m Meta) validateColumns() error {
	if !m.InPlace() {
		return nil
	}
	switch c := m.Columns; {
	case m.Modality == Depth:
		return errors.New("columns: depth maps cannot be used in place")
	case c.Label == "":
		return errors.New("columns: label: expected the name of a column")
	case (m.Modality == Image) != (c.Image != ""):
		return fmt.Errorf("columns: image %q in a dataset of modality %s", c.Image, m.Modality)
	case m.Modality == Text && len(c.Text) != m.SentenceCount() || m.Modality != Text && len(c.Text) > 0:
		return fmt.Errorf("columns: %d of text in a dataset of modality %s", len(c.Text), m.Modality)
	}
	return nil
}

// validateSources checks the files of a split.
func (m Meta) validateSources(p SplitMeta) error {
	total := 0
	for _, s := range p.Sources {
		rows, err := parseRows(s.Rows)
		if err != nil {
			return fmt.Errorf("%s: rows %.40q: %w", s.Path, s.Rows, err)
		}
		if s.Path == "" || s.Before < 0 {
			return fmt.Errorf("path %q, before %d: expected a path, and a number of rows", s.Path, s.Before)
		}
		total += rows.count()
	}
	switch {
	case m.InPlace() == (len(p.Sources) == 0) || m.InPlace() && p.File != "":
		return errors.New("expected sources and columns, or a file and none of them")
	case m.InPlace() && total != p.Rows:
		return fmt.Errorf("rows: %d, but sources name %d", p.Rows, total)
	case m.InPlace() && m.sourcesSHA256(p.Sources) != p.SHA256:
		return errors.New("sha256: not that of its sources and columns: convert the files again")
	}
	return nil
}

// sourcesSHA256 is the hash of a split in place: over all that its samples follow from, but for where the files lie.
func (m Meta) sourcesSHA256(sources []Source) string {
	sum := sha256.New()
	c := m.Columns
	fmt.Fprintf(sum, "%s\n%q %q %q %q\n", m.Modality, c.ID, c.Label, c.Image, c.Text)
	for _, g := range m.Groups {
		fmt.Fprintf(sum, "%q %q\n", g.Name, g.Channels)
	}
	for _, f := range m.Features {
		fmt.Fprintf(sum, "%q %q %d", f.Name, f.Levels, f.Size)
		if f.Median != nil {
			fmt.Fprintf(sum, " %v", *f.Median)
		}
		fmt.Fprintln(sum)
	}
	for _, s := range sources {
		fmt.Fprintf(sum, "%s %d %s %s\n", s.SHA256, s.Before, s.Rows, s.Images)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// resolve returns where a file lies whose path dataset.yaml has: relative to the folder of dataset.yaml, of whose links
// the last is followed.
func (d *Dataset) resolve(path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	if real, err := filepath.EvalSymlinks(filepath.Join(d.Dir, MetaFile)); err == nil && d.Meta.InPlace() {
		return filepath.Join(filepath.Dir(real), path)
	}
	return filepath.Join(d.Dir, path)
}

// checkImages compares the images that lie in files of their own with the hashes of a split's sources.
func (d *Dataset) checkImages(split Split) error {
	for _, source := range d.Meta.Splits[split].Sources {
		if source.Images == "" {
			continue
		}
		sum := newImagesHash()
		r, err := d.openSources([]Source{source}, []column{{name: colImage, kind: table.Image}})
		if err != nil {
			return err
		}
		defer r.close()
		for {
			row, err := r.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			sum.add(row[0].Bytes)
		}
		if sum.String() != source.Images {
			return fmt.Errorf("%s: an image that it names was changed after the dataset was made: make the dataset again",
				d.resolve(source.Path))
		}
	}
	return nil
}

// imagesHash is a hash over images.
type imagesHash struct{ hash.Hash }

func newImagesHash() imagesHash { return imagesHash{sha256.New()} }

func (h imagesHash) add(image []byte) {
	sum := sha256.Sum256(image)
	h.Write(sum[:])
}

func (h imagesHash) String() string { return hex.EncodeToString(h.Sum(nil)) }

// rowList is an ascending list of rows, from 1, as ranges whose both ends belong to them.
type rowList [][2]int

func (l *rowList) add(row int) {
	if n := len(*l); n > 0 && (*l)[n-1][1] == row-1 {
		(*l)[n-1][1] = row
		return
	}
	*l = append(*l, [2]int{row, row})
}

func (l rowList) count() (n int) {
	for _, r := range l {
		n += r[1] - r[0] + 1
	}
	return n
}

func (l rowList) String() string {
	var text strings.Builder
	for i, r := range l {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(strconv.Itoa(r[0]))
		if r[1] > r[0] {
			text.WriteString("-" + strconv.Itoa(r[1]))
		}
	}
	return text.String()
}

func parseRows(text string) (list rowList, err error) {
	last := 0
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		end, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first <= last || end < first || end > 1<<40 {
			return nil, errors.New("expected ascending rows, from 1, such as 1-5,7")
		}
		list, last = append(list, [2]int{first, end}), end
	}
	return list, nil
}

// readImage reads an image that a row of a file names.
func (d *Dataset) readImage(file, path string) ([]byte, error) {
	folder := filepath.Dir(file)
	if d.Meta.Columns.Images != "" {
		folder = d.resolve(d.Meta.Columns.Images)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return os.ReadFile(path)
}
