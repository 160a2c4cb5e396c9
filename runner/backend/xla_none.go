//go:build !cgo

package backend

import "github.com/gomlx/compute"

// HaveXLA reports whether this program was built with XLA.
const HaveXLA = false

// cpuVersion is the version of the CPU plugin that go-xla was tested with; without cgo there is none.
const cpuVersion = ""

func openXLA(string) (compute.Backend, error) { return nil, ErrNoCgo }
