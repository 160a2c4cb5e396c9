// Package kernels computes convolutions and batch normalisations of float32 images and LSTMs of sequences in memory,
// forward and backward, and sums over rows, places, copies and choices of arrays, on all cores. On amd64 the inner
// loops of convolutions and products are assembly with AVX-512 or AVX2; those of the rest use AVX2 with
// GOEXPERIMENT=simd.
//
// Operations of small computations work on one core, each with as little beside it as there can be.
//
// Images are flat in batch × height × width × channel order and kernels in height × width × input × output order. Work
// is cut into parts that do not depend on the number of cores, so that sums come out the same on any machine with the
// same instructions.
package kernels
