//go:build cgo

package runner

import _ "github.com/gomlx/go-xla/compute/xla" // backend "xla"; loads a PJRT plugin at run time

const haveXLA = true
