package convert

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// row is what became of a source: a sample or, where Rejected is not empty, the reason why there is none.
type row struct {
	Sample   datasets.Sample
	Rejected string
}

// spool keeps finished batches of rows on disk while a conversion is under way, so that the next call of the same
// command goes on where an interrupted one stopped. It lies beside the dataset to be, hidden, and is removed after a
// success. A file holds the SHA-256 of its rest, then the fingerprint of the sources, then the rows.
type spool struct {
	dir     string
	earlier map[string]bool // batches that were there at the start and have not been read yet
	resumed int             // rows of those that have been
}

const (
	spoolKeyFile = "key"
	spoolSuffix  = ".batch"
	// spoolVersion is part of the key; a change of what converters make of a file must change it.
	spoolVersion = 1
)

// spoolKey hashes everything that rows depend on beside the content of the source files: options and the list of
// sources.
func spoolKey(parts ...any) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d\n", spoolVersion)
	for _, part := range parts {
		fmt.Fprintf(sum, "%+v\n", part)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// openSpool opens the spool of the dataset <out>/<name>. Batches that another key left there are discarded.
func openSpool(out, name, key string) (*spool, error) {
	s := &spool{dir: filepath.Join(out, "."+name+".partial"), earlier: map[string]bool{}}
	found, err := os.ReadFile(filepath.Join(s.dir, spoolKeyFile))
	if err != nil || string(found) != key {
		if err := os.RemoveAll(s.dir); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), spoolSuffix); ok {
			s.earlier[name] = true
		}
	}
	return s, WriteFile(filepath.Join(s.dir, spoolKeyFile), []byte(key))
}

// get returns the rows of a batch, if it is there, whole, and was made from the same files.
func (s *spool) get(batch string, fingerprint [sha256.Size]byte) ([]row, bool) {
	const sum = sha256.Size
	before := s.earlier[batch]
	delete(s.earlier, batch)
	data, err := os.ReadFile(s.path(batch))
	if err != nil || len(data) < 2*sum || sha256.Sum256(data[sum:]) != [sum]byte(data[:sum]) ||
		fingerprint != [sum]byte(data[sum:2*sum]) {
		return nil, false
	}
	var rows []row
	if err := gob.NewDecoder(bytes.NewReader(data[2*sum:])).Decode(&rows); err != nil {
		return nil, false
	}
	if before {
		s.resumed += len(rows)
	}
	return rows, true
}

// put keeps the rows of a batch.
func (s *spool) put(batch string, fingerprint [sha256.Size]byte, rows []row) error {
	var data bytes.Buffer
	data.Write(make([]byte, sha256.Size)) // place of the hash
	data.Write(fingerprint[:])
	if err := gob.NewEncoder(&data).Encode(rows); err != nil {
		return err
	}
	hash := sha256.Sum256(data.Bytes()[sha256.Size:])
	copy(data.Bytes(), hash[:])
	return WriteFile(s.path(batch), data.Bytes())
}

func (s *spool) path(batch string) string { return filepath.Join(s.dir, batch+spoolSuffix) }

// remove deletes the spool.
func (s *spool) remove() error { return os.RemoveAll(s.dir) }

// fingerprint changes when one of the files is changed, added or removed.
func fingerprint(files []string) [sha256.Size]byte {
	sum := sha256.New()
	for _, file := range files {
		info, err := os.Stat(file)
		switch {
		case err == nil:
			fmt.Fprintf(sum, "%q %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(sum, "%q absent\n", file)
		default:
			fmt.Fprintf(sum, "%q %v\n", file, err)
		}
	}
	return [sha256.Size]byte(sum.Sum(nil))
}

// WriteFile writes a file that appears under its name only when it is complete.
func WriteFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}
