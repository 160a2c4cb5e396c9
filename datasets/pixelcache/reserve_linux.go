package pixelcache

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve asks for a file's space, so that a disk that is too full shows before the work.
func reserve(file *os.File, size int64) error {
	err := unix.Fallocate(int(file.Fd()), 0, 0, size)
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG) {
		return &os.PathError{Op: "reserve", Path: file.Name(), Err: err}
	}
	return file.Truncate(size) // the file system cannot reserve
}
