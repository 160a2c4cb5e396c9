package convert

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// The official lists of NYUD2-DIR: image and depth path in each row, no header.
const (
	nyud2Train  = "nyu2_train.csv"
	nyud2Test   = "nyu2_test.csv"
	nyud2Subset = "nyu2_train_FDS_subset.csv"
	nyud2Data   = "data" // the folder that the paths begin with
)

const (
	subsetFrames = 600      // of the official subset
	heldOutShare = 1.0 / 20 // of the training frames, for validation
)

// frame is a row of a list.
type frame struct {
	list         string // path of the list, for messages
	line         int    // in it, from 1
	image, depth string // below the root
	subset       bool
}

// frameLists holds the official lists.
type frameLists struct {
	root        string // the folder that paths are relative to
	train, test []frame
	subset      map[string]bool // image paths; nil without a list
}

// readNYUD2 reads the lists in dir, which may hold them itself or in its folder data.
func readNYUD2(dir string) (*frameLists, error) {
	lists, root, err := findNYUD2(dir)
	if err != nil {
		return nil, err
	}
	l := &frameLists{root: root}
	if l.train, err = readFrameFile(filepath.Join(lists, nyud2Train)); err != nil {
		return nil, err
	}
	if l.test, err = readFrameFile(filepath.Join(lists, nyud2Test)); err != nil {
		return nil, err
	}
	if err := uniqueFrames(l.train, l.test); err != nil {
		return nil, err
	}
	if len(l.train) < 2 {
		return nil, fmt.Errorf("%s: 1 row: expected at least 2, one of which is held out for validation",
			filepath.Join(lists, nyud2Train))
	}
	return l, l.readSubset(filepath.Join(lists, nyud2Subset))
}

// findNYUD2 returns the folder of the lists and the one that paths are relative to, which holds the folder data.
func findNYUD2(dir string) (lists, root string, err error) {
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }
	switch {
	case exists(filepath.Join(dir, nyud2Data, nyud2Train)):
		return filepath.Join(dir, nyud2Data), dir, nil
	case !exists(filepath.Join(dir, nyud2Train)):
		return "", "", fmt.Errorf("%s: %s is neither there nor in its folder %s: expected the official NYUD2-DIR files",
			dir, nyud2Train, nyud2Data)
	case exists(filepath.Join(dir, nyud2Data)):
		return dir, dir, nil
	}
	return dir, filepath.Join(dir, ".."), nil
}

func readFrameFile(path string) ([]frame, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readFrames(path, file)
}

// readFrames reads a list. Errors name the file and the line.
func readFrames(name string, r io.Reader) ([]frame, error) {
	rows := csv.NewReader(table.WithoutMark(r))
	rows.ReuseRecord = true
	rows.FieldsPerRecord = -1
	var frames []frame
	for {
		row, err := rows.Read()
		if err == io.EOF && len(frames) > 0 {
			return frames, nil
		}
		if err != nil {
			return nil, csvError(name, err, "an image and a depth path in each row")
		}
		line, _ := rows.FieldPos(0)
		if len(row) != 2 {
			return nil, fmt.Errorf("%s:%d: %d columns: expected the image and the depth path, without a header", name, line,
				len(row))
		}
		for _, p := range row {
			if !filepath.IsLocal(filepath.FromSlash(p)) {
				return nil, fmt.Errorf("%s:%d: path %.60q: expected one below the folder that holds %s", name, line, p, nyud2Data)
			}
		}
		frames = append(frames, frame{list: name, line: line, image: row[0], depth: row[1]})
	}
}

// uniqueFrames makes sure that image paths can be ids.
func uniqueFrames(lists ...[]frame) error {
	seen := map[string]frame{}
	for _, frames := range lists {
		for _, f := range frames {
			if before, used := seen[f.image]; used {
				return fmt.Errorf("%s:%d: image %q is that of %s:%d already", f.list, f.line, f.image, before.list, before.line)
			}
			seen[f.image] = f
		}
	}
	return nil
}

// readSubset reads the list of the training subset, if there is one.
func (l *frameLists) readSubset(path string) error {
	frames, err := readFrameFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	train := map[string]bool{}
	for _, f := range l.train {
		train[f.image] = true
	}
	l.subset = map[string]bool{}
	for _, f := range frames {
		if !train[f.image] {
			return fmt.Errorf("%s:%d: image %q is not in %s", path, f.line, f.image, nyud2Train)
		}
		l.subset[f.image] = true
	}
	return nil
}

// split holds out validation frames and marks the subset; each split keeps the order of its list. Frames of the subset
// that are held out count where a run trains on the validation frames too.
func (l *frameLists) split(seed uint64) map[datasets.Split][]frame {
	held := l.heldOut(seed)
	parts := map[datasets.Split][]frame{datasets.Test: l.test}
	for i, f := range l.train {
		split := datasets.Train
		if held[i] {
			split = datasets.Val
		}
		f.subset = l.subset[f.image]
		parts[split] = append(parts[split], f)
	}
	if train := parts[datasets.Train]; l.subset == nil {
		order := datasets.Stream(seed, "nyud2 subset").Perm(len(train))
		for _, i := range order[:min(subsetFrames, len(order))] {
			train[i].subset = true
		}
	}
	return parts
}

// heldOut chooses the validation frames: scene folders in random order until the share is reached, or single frames
// where all are in one folder. A folder that would bring it above half of the frames is passed over.
func (l *frameLists) heldOut(seed uint64) map[int]bool {
	var scenes []string
	members := map[string][]int{}
	for i, f := range l.train {
		scene := path.Dir(filepath.ToSlash(f.image))
		if members[scene] == nil {
			scenes = append(scenes, scene)
		}
		members[scene] = append(members[scene], i)
	}
	if len(scenes) == 1 {
		scenes = nil
		for i := range l.train {
			scene := fmt.Sprint(i)
			scenes, members[scene] = append(scenes, scene), []int{i}
		}
	}
	want := int(math.Ceil(heldOutShare * float64(len(l.train))))
	held := map[int]bool{}
	for _, at := range datasets.Stream(seed, "nyud2 validation").Perm(len(scenes)) {
		frames := members[scenes[at]]
		if len(held) >= want {
			break
		}
		if 2*(len(held)+len(frames)) > len(l.train) {
			continue
		}
		for _, i := range frames {
			held[i] = true
		}
	}
	return held
}
