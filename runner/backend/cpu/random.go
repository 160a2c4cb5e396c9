package cpu

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// RNGBitGenerator has a kernel for uint32 values, which are those of the pure Go backend: the bits of PCG in order. It
// writes words where that writes bytes, in a fifth of the time.
func (f *function) RNGBitGenerator(state compute.Value, shape shapes.Shape) (
	newState, values compute.Value, err error) {
	if shape.DType != dtypes.Uint32 {
		return f.recorder.RNGBitGenerator(state, shape)
	}
	out, err := f.compute(randomBits, []shapes.Shape{state.(*value).shape, shape}, state)
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1], nil
}

func randomBits(out, in []any) {
	seed, values := in[0].([]uint64), out[1].([]uint32)
	generator := rand.NewPCG(seed[0], seed[1])
	for i := 0; i < len(values); i += 2 {
		bits := generator.Uint64()
		values[i] = uint32(bits)
		if i+1 < len(values) {
			values[i+1] = uint32(bits >> 32)
		}
	}
	// The state is what the pure Go backend makes of the generator's encoding, "pcg:" and two words, bytes in reverse.
	state, err := generator.MarshalBinary()
	if err != nil {
		panic(err)
	}
	next := out[0].([]uint64)
	copy(next, seed)
	next[0], next[1] = binary.LittleEndian.Uint64(state[4:]), binary.LittleEndian.Uint64(state[12:])
}

// Identity is its operand: values do not change.
func (f *function) Identity(x compute.Value) (compute.Value, error) { return x, nil }
