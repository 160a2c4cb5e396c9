// Package lanes keeps the vectors of Go's portable package simd, which the pure Go backend of compute uses, at 128
// bits.
//
// Go 1.27.0 to 1.27.4 load the last, partial vector of a slice whole and clear the lanes behind the end afterwards:
// LoadFloat32x16Part reads up to 60 bytes behind the slice. Behind the last slice of the heap nothing is mapped, and
// the program dies of "unexpected fault address". Loads of 128 bits reach 12 bytes behind at most, which nearly always
// belong to the slice's block of memory. Package kernels loads whole vectors only, and keeps its width.
package lanes

import "os" // package simd is initialised before most others: no further import

// Package simd reads its setting when it is initialised. That is later, for Go initialises packages in the order of
// their paths, each after those that it imports. A setting of the user comes behind this one, and holds.
func init() { os.Setenv("GODEBUG", "simd=128,"+os.Getenv("GODEBUG")) }
