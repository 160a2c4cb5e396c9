//go:build cgo

package runner

import "C" // links malloc_linux.c
