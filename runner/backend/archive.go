package backend

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// archive is an opened file that a plugin may come in: a wheel, a .tar.gz, or the plugin itself.
type archive struct {
	name    string // of the file
	entries []entry
	io.Closer
}

// entry is a file in an archive.
type entry struct {
	name string // with slashes
	open func() (io.ReadCloser, error)
}

// openArchive tells the forms apart by their first bytes.
func openArchive(path string) (*archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var first [4]byte
	if _, err := io.ReadFull(file, first[:]); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, errNoArchive), file.Close())
	}
	a := &archive{name: filepath.Base(path), Closer: file}
	switch {
	case bytes.Equal(first[:], []byte("\x7fELF")):
		a.entries = []entry{{a.name, func() (io.ReadCloser, error) { return os.Open(path) }}}
	case bytes.Equal(first[:], []byte("PK\x03\x04")):
		err = a.readZip(file)
	case bytes.Equal(first[:2], []byte{0x1f, 0x8b}):
		err = a.readTar(path)
	default:
		err = errNoArchive
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return a, nil
}

var errNoArchive = errors.New("expected a wheel, a .tar.gz or a PJRT plugin for Linux (.so)")

func (a *archive) readZip(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	files, err := zip.NewReader(file, info.Size())
	if err != nil {
		return err
	}
	for _, f := range files.File {
		if f.Mode().IsRegular() {
			a.entries = append(a.entries, entry{f.Name, f.Open})
		}
	}
	return nil
}

// readTar lists the files; each is found again when it is opened.
func (a *archive) readTar(path string) error {
	return walkTar(path, func(name string, _ io.Reader) error {
		a.entries = append(a.entries, entry{name, func() (io.ReadCloser, error) { return openInTar(path, name) }})
		return nil
	})
}

func walkTar(path string, visit func(name string, content io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return err
	}
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeReg {
			if err := visit(header.Name, files); err != nil {
				return err
			}
		}
	}
}

func openInTar(path, wanted string) (io.ReadCloser, error) {
	reader, writer := io.Pipe()
	go func() {
		err := walkTar(path, func(name string, content io.Reader) error {
			if name != wanted {
				return nil
			}
			if _, err := io.Copy(writer, content); err != nil {
				return err
			}
			return io.EOF
		})
		writer.CloseWithError(err)
	}()
	return reader, nil
}

// unpack writes an entry to a path.
func (e entry) unpack(path string) error {
	from, err := e.open()
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if filepath.Base(filepath.Dir(path)) == "bin" {
		mode = 0o755
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
