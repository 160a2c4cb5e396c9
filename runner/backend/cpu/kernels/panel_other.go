//go:build !amd64

package kernels

const haveVectors = false

func (p *panel) vectors(y, x, w *float32, points, lanes int) { panic("no vector instructions") }

// Instructions names the vector instructions in use.
func Instructions() string { return "none" }
