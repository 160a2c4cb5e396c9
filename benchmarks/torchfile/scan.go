package torchfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// operand is the form of what follows an opcode.
type operand int

const (
	fixed  operand = iota // so many bytes
	prefix                // a length of so many bytes, then as many bytes
	lines                 // so many lines
)

// opcodes are those of the pickle protocols 0 to 5 with the form and size of their operand (Python's pickletools).
// Opcodes that torch.save does not write are missing: extensions, out-of-band buffers, integers of more than 255 bytes.
var opcodes = map[byte]struct {
	form operand
	size int
}{
	'(': {}, '.': {}, '0': {}, '1': {}, '2': {}, 'N': {}, 'Q': {}, 'R': {}, 'a': {}, 'b': {}, 'd': {}, '}': {}, 'e': {},
	'l': {}, ']': {}, 'o': {}, 's': {}, 't': {}, ')': {}, 'u': {}, 0x81: {}, 0x85: {}, 0x86: {}, 0x87: {}, 0x88: {},
	0x89: {}, 0x8f: {}, 0x90: {}, 0x91: {}, 0x92: {}, 0x93: {}, 0x94: {},
	'K': {fixed, 1}, 'M': {fixed, 2}, 'J': {fixed, 4}, 'G': {fixed, 8}, 'h': {fixed, 1}, 'j': {fixed, 4}, 'q': {fixed, 1},
	'r': {fixed, 4}, 0x80: {fixed, 1},
	'T': {prefix, 4}, 'U': {prefix, 1}, 'B': {prefix, 4}, 'C': {prefix, 1}, 'X': {prefix, 4}, 0x8a: {prefix, 1},
	0x8c: {prefix, 1}, 0x8d: {prefix, 8}, 0x8e: {prefix, 8}, 0x96: {prefix, 8},
	'F': {lines, 1}, 'I': {lines, 1}, 'L': {lines, 1}, 'S': {lines, 1}, 'V': {lines, 1}, 'P': {lines, 1}, 'g': {lines, 1},
	'p': {lines, 1}, 'c': {lines, 2}, 'i': {lines, 2},
}

var errEndsEarly = errors.New("damaged pickle: it ends too early")

// frame announces the size of the opcodes that follow, which are scanned like any others.
const frame = 0x95

// maxOpcodes is far above what the checkpoint of a large network with its optimiser has, some 50 for each tensor. An
// opcode of one byte can take 256 bytes of memory.
const maxOpcodes = 1 << 20

// scan checks the opcodes of a pickle up to its end and returns their size in bytes. The unpickler would take memory
// for any length that an operand states.
func scan(data []byte) (int, error) {
	at := 0
	for range maxOpcodes {
		if at >= len(data) {
			return 0, errEndsEarly
		}
		code := data[at]
		at++
		if code == '.' {
			return at, nil
		}
		size, err := operandSize(code, data[at:])
		if err != nil {
			return 0, err
		}
		at += size
	}
	return 0, fmt.Errorf("a pickle of more than %d opcodes: expected the state_dict of a network", maxOpcodes)
}

// operandSize returns the number of bytes that belong to an opcode, which may be more than there are.
func operandSize(code byte, rest []byte) (int, error) {
	if code == frame {
		if len(rest) < 8 || binary.LittleEndian.Uint64(rest) > uint64(len(rest)-8) {
			return 0, errors.New("damaged pickle: a frame is longer than the file")
		}
		return 8, nil
	}
	op, ok := opcodes[code]
	if !ok {
		return 0, fmt.Errorf("damaged pickle: opcode 0x%02x", code)
	}
	switch op.form {
	case prefix:
		return prefixed(rest, op.size)
	case lines:
		size := 0
		for range op.size {
			end := bytes.IndexByte(rest[size:], '\n')
			if end < 0 {
				return 0, errEndsEarly
			}
			size += end + 1
		}
		return size, nil
	}
	return op.size, nil
}

// prefixed returns the size of a little-endian length of n bytes and what it announces.
func prefixed(rest []byte, n int) (int, error) {
	if len(rest) < n {
		return 0, errEndsEarly
	}
	length := uint64(0)
	for i := n - 1; i >= 0; i-- {
		length = length<<8 | uint64(rest[i])
	}
	if length > uint64(len(rest)-n) {
		return 0, errors.New("damaged pickle: a value is longer than the file")
	}
	return n + int(length), nil
}
