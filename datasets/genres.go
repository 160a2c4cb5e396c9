package datasets

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// GenreFile lists the genre of each sample, where the raw files name one (STS-B: main-captions, main-forums, main-news). It
// lies beside dataset.yaml, apart from what is trained on, so that no hash depends on it.
const GenreFile = "genres.csv"

// GenreColumns is the header of GenreFile.
var GenreColumns = []string{"id", "genre"}

// Genres returns the genre of each sample of all splits by its id. A dataset without them is an error.
func (d *Dataset) Genres() (map[string]string, error) {
	path := filepath.Join(d.Dir, GenreFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: %s has no genres, or was converted before they were kept: convert it again, "+
			"which leaves its hashes as they are", path, d.Meta.Title)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	genres, err := readGenres(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return genres, nil
}

func readGenres(r io.Reader) (map[string]string, error) {
	rows := csv.NewReader(r)
	header, err := rows.Read()
	if err != nil || !slices.Equal(header, GenreColumns) {
		return nil, errors.New("expected a header with id and genre")
	}
	genres := map[string]string{}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return genres, nil
		}
		if err != nil {
			return nil, err
		}
		genres[row[0]] = row[1]
	}
}
