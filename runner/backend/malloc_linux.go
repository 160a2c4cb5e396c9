//go:build cgo

package backend

import "C" // links malloc_linux.c
