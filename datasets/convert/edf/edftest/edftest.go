// Package edftest makes recordings for tests.
package edftest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// Signal is a signal of a synthetic recording: a constant digital value.
type Signal struct {
	Label, Unit string
	Rate        int
	Value       int16
}

// Montage has the channels of SHHS; their digital range of ±1000 is ±100 units.
func Montage() []Signal {
	return []Signal{
		{"SaO2", "%", 1, 1}, {"EEG (sec)", "uV", 125, 20}, {"ECG", "mV", 250, 30}, {"EMG", "uV", 125, 0},
		{"EEG", "uV", 125, 10}, {"Thor RES", "", 10, 50}, {"ABDO  RES", "", 10, 60}, {"New Air", "", 8, 40},
	}
}

// Encode makes a recording with data records of a second.
func Encode(seconds int, signals []Signal) []byte {
	var b bytes.Buffer
	put := func(width int, value any) {
		text := fmt.Sprint(value)
		b.WriteString(text + strings.Repeat(" ", width-len(text))) // in bytes: a unit may be µV
	}
	each := func(width int, value func(Signal) any) {
		for _, s := range signals {
			put(width, value(s))
		}
	}
	put(8, 0)
	put(80+80, "X")
	put(8+8, "01.01.0122.00.00")
	put(8, 256*(1+len(signals)))
	put(44, "")
	put(8, seconds)
	put(8, 1)
	put(4, len(signals))
	each(16, func(s Signal) any { return s.Label })
	each(80, func(Signal) any { return "" })
	each(8, func(s Signal) any { return s.Unit })
	for _, limit := range []int{-100, 100, -1000, 1000} {
		each(8, func(Signal) any { return limit })
	}
	each(80, func(Signal) any { return "" })
	each(8, func(s Signal) any { return s.Rate })
	each(32, func(Signal) any { return "" })
	for range seconds {
		for _, s := range signals {
			for range s.Rate {
				_ = binary.Write(&b, binary.LittleEndian, s.Value)
			}
		}
	}
	return b.Bytes()
}
