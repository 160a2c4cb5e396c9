//go:build !cgo

package backend

import "github.com/gomlx/compute"

// HaveXLA reports whether this program was built with XLA.
const HaveXLA = false

func openXLA(string) (compute.Backend, error) { return nil, ErrNoCgo }
