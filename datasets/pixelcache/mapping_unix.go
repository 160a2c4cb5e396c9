//go:build unix

package pixelcache

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// mapping is a file in memory, read-only.
type mapping struct {
	spec  *Spec
	info  fs.FileInfo
	bytes []byte
	// touched counts the bytes of pages that reads may have brought into memory since it was last given back.
	touched atomic.Int64
}

// residentLimit bounds the bytes of a file that stay in the process's memory; the kernel's cache of the file is its own
// affair.
const residentLimit = 64 << 20

// faultAround is how many bytes the kernel maps when one of them is first read, if it has them.
const faultAround = 64 << 10

func newMapping(file *os.File, info fs.FileInfo, s *Spec) (*mapping, error) {
	bytes, err := unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	m := &mapping{spec: s, info: info, bytes: bytes}
	runtime.AddCleanup(m, func(bytes []byte) { _ = unix.Munmap(bytes) }, bytes)
	return m, nil
}

func (m *mapping) at(row int) []byte {
	stride := m.spec.stride()
	return m.bytes[headerSize+row*stride:][:stride]
}

func (m *mapping) read(row int, into []byte) error {
	record := m.at(row)
	size := len(record) - checksumLen
	var sum [checksumLen]byte
	err := guard(func() {
		copy(into, record[:size])
		copy(sum[:], record[size:])
	})
	m.giveBack(len(record))
	runtime.KeepAlive(m)
	if err != nil {
		return damageError{err}
	}
	return verify(row, into[:size], sum[:])
}

// guard turns a fault into an error: the kernel raises one where a mapped file was cut off meanwhile, or cannot be
// read.
func guard(f func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			fault, ok := p.(interface {
				error
				Addr() uintptr
			})
			if !ok {
				panic(p)
			}
			err = fmt.Errorf("it cannot be read any more: %w", fault)
		}
	}()
	f()
	return nil
}

// giveBack lets the pages of the file go when many have been read. Whoever needs one of them gets it again from the
// kernel, which still has it.
func (m *mapping) giveBack(read int) {
	if int64(len(m.bytes)) > residentLimit && m.touched.Add(int64(read+faultAround)) > residentLimit {
		m.touched.Store(0)
		_ = unix.Madvise(m.bytes, unix.MADV_DONTNEED)
	}
}

func (m *mapping) willNeed(rows []int) {
	page := uintptr(os.Getpagesize())
	for _, row := range rows {
		start := uintptr(headerSize + row*m.spec.stride())
		end := start + uintptr(m.spec.stride())
		_ = unix.Madvise(m.bytes[start-start%page:end], unix.MADV_WILLNEED)
	}
	runtime.KeepAlive(m)
}
