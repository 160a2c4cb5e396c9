//go:build !amd64

package kernels

import "runtime"

func pause() { runtime.Gosched() }
