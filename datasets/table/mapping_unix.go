//go:build unix

package table

import (
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// mapping is a file in memory, read-only; nil if it is not mapped.
type mapping struct {
	bytes []byte
	since int // bytes used since pages were given back
}

// residentLimit bounds the bytes of a file that stay in the process's memory; the kernel's cache of the file is its own
// affair.
const residentLimit = 64 << 20

// faultAround is how many bytes the kernel maps when one of them is first read, if it has them.
const faultAround = 64 << 10

// mapFile maps a file. Whatever cannot be mapped is read.
func mapFile(input inputFile, size int64) *mapping {
	file, ok := input.(*os.File)
	if !ok || size <= 0 || int64(int(size)) != size {
		return nil
	}
	bytes, err := unix.Mmap(int(file.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return &mapping{bytes: bytes}
}

// used gives pages back when many have been used. Whoever needs one of them gets it again from the kernel.
func (m *mapping) used(n int) {
	if m == nil {
		return
	}
	if m.since += n; m.since > residentLimit {
		m.since = 0
		_ = unix.Madvise(m.bytes, unix.MADV_DONTNEED)
	}
}

func (m *mapping) close() {
	if m != nil {
		_ = unix.Munmap(m.bytes)
	}
}

// faultsPanic makes a fault panic in this goroutine until the function that it returns is called: the kernel raises one
// where a mapped file was cut off meanwhile, or cannot be read.
func faultsPanic() func() {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}
