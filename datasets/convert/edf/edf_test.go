package edf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recording makes an EDF file of two signals, EEG of 4 and SaO2 of 1 sample in each record of half a second, whose
// digital values count up from -3, and an annotation signal between them.
func recording(records int) []byte {
	var b bytes.Buffer
	put := func(width int, values ...any) {
		for _, v := range values {
			fmt.Fprintf(&b, "%-*v", width, v)
		}
	}
	put(8, 0)
	put(80, "X X X X", "Startdate 01-JAN-2001 X X X")
	put(8, "01.01.01", "22.00.00", 256*4)
	put(44, "EDF+C")
	put(8, records, 0.5)
	put(4, 3)
	put(16, "EEG(sec)", "EDF Annotations", "SaO2")
	put(80, "", "", "")
	put(8, "uV", "", "%")
	put(8, -125, -1, 0)
	put(8, 125, 1, 100)
	put(8, -1000, -32768, 0)
	put(8, 1000, 32767, 1000)
	put(80, "", "", "")
	put(8, 4, 2, 1)
	put(32, "", "", "")
	value := int16(-3)
	for range records {
		for range 4 {
			binary.Write(&b, binary.LittleEndian, value)
			value++
		}
		b.WriteString("+0\x14\x14")
		binary.Write(&b, binary.LittleEndian, 10*value)
	}
	return b.Bytes()
}

func read(data []byte) (*File, error) { return Read(bytes.NewReader(data), int64(len(data))) }

func TestRead(t *testing.T) {
	f, err := read(recording(3))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Signals) != 2 || f.Signals[0].Label != "EEG(sec)" || f.Signals[0].Unit != "uV" || f.Seconds() != 1.5 ||
		f.Signals[0].Rate.RatString() != "8" || f.Signals[1].Rate.RatString() != "2" {
		t.Errorf("%+v, %v s", f.Signals, f.Seconds())
	}
	// 250 uV over 2000 steps: 0.125 uV each; 100 % over 1000: 0.1 % each.
	for signal, want := range [][]float64{
		{-.375, -.25, -.125, 0, .125, .25, .375, .5, .625, .75, .875, 1}, {1, 5, 9},
	} {
		got, err := f.Physical(signal)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })); err != nil ||
			diff != "" {
			t.Errorf("signal %d: %v (-want +got)\n%s", signal, err, diff)
		}
	}
}

func TestReadUnknownNumberOfRecords(t *testing.T) {
	data := recording(3)
	copy(data[236:], "-1      ")
	if f, err := read(append(data, 7)); err != nil || f.Seconds() != 1.5 {
		t.Errorf("%v, want what the file holds", err)
	}
}

func TestReadRejects(t *testing.T) {
	at := func(position int, text string) func([]byte) []byte {
		return func(data []byte) []byte { copy(data[position:], text); return data }
	}
	const signals = 256 // offset of the second part; 3 signals
	tests := []struct {
		name   string
		damage func([]byte) []byte
		want   string
	}{
		{"empty", func([]byte) []byte { return nil }, "truncated: the header needs 256 bytes, the file has 0"},
		{"no EDF", at(0, "\xffBIOSEMI"), "not an EDF file"},
		{"half a header", func(d []byte) []byte { return d[:700] },
			"truncated: the header needs 1024 bytes, the file has 700"},
		{"truncated", func(d []byte) []byte { return d[:len(d)-15] },
			"truncated: the header says 3 data records, the file holds 1"},
		{"no record", func(d []byte) []byte { return d[:1024+13] },
			"truncated: the header says 3 data records, the file holds 0"},
		{"too long", func(d []byte) []byte { return append(d, 0, 0) }, "damaged: 44 bytes of data"},
		{"discontinuous", at(192, "EDF+D"), "discontinuous recording"},
		{"many signals", at(252, "9999"), "number of signals \"9999\""},
		{"no signals", at(252, "0   "), "number of signals \"0\""},
		{"header length", at(184, "99999999"), `damaged header: its length is "99999999", expected 1024`},
		{"records", at(236, "x       "), `number of data records "x"`},
		{"many records", at(236, "99999999"), "truncated: the header says 99999999 data records"},
		{"duration", at(244, "0       "), "damaged header: 0 seconds in a data record"},
		{"duration nan", at(244, "NaN     "), `seconds in a data record "NaN"`},
		{"duration huge", at(244, "1e999999"), `seconds in a data record "1e999999"`},
		{"duration hex", at(244, "0x1p3   "), "expected a decimal number"},
		{"samples", at(signals+3*216, "-4      "), `signal 1: damaged header: samples in a data record "-4"`},
		{"many samples", at(signals+3*216, "99999999"), "samples in a data record"},
		{"long record", at(signals+3*216, "30000000300000003000000030000000"[:24]), "a data record of more than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(test.damage(recording(3)))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
		})
	}
}

// TestNumberOfRecords has recordings that were cut in their last data record, and headers that count too few.
func TestNumberOfRecords(t *testing.T) {
	fewer := recording(3)
	copy(fewer[236:], "1       ")
	for want, data := range map[float64][]byte{2: recording(3)[:len(recording(3))-1], 3: fewer} {
		f, err := read(data)
		if err != nil || f.Seconds() != want*f.Seconds()/float64(f.records) || float64(f.records) != want ||
			!strings.Contains(f.Warning, "which are used") {
			t.Errorf("%v records: %+v, %v", want, f, err)
		}
	}
	if f, err := read(recording(3)); err != nil || f.Warning != "" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestDamagedScale is an error of the signal that has it, not of the recording.
func TestDamagedScale(t *testing.T) {
	const first = 256 + 3*104 // physical minimum of the first of 3 signals
	for _, test := range []struct {
		at         int
		text, want string
	}{
		{first, "abc     ", `signal 1 (EEG(sec)): damaged header: physical minimum "abc"`},
		{first, "125     ", "physical range 125 to 125"},
		{256 + 3*128, "-1000   ", "digital range -1000 to -1000"},
		{256 + 3*128, "70000   ", `digital maximum "70000"`},
		{256 + 3*128, "1000.5  ", `digital maximum "1000.5"`},
	} {
		data := recording(3)
		copy(data[test.at:], test.text)
		f, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Physical(0); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
		if _, err := f.Physical(1); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{"-125,0  ", "-125.0  ", "-125    "} {
		data := recording(3)
		copy(data[first:], text)
		if f, err := read(data); err != nil || f.Signals[0].Damage != nil || f.Signals[0].PhysicalMin != -125 {
			t.Errorf("%q: %v, %v", text, f, err)
		}
	}
}

// TestWholeNumbers has digital values as some recorders write them.
func TestWholeNumbers(t *testing.T) {
	for _, text := range []string{"500     ", "500.0   ", "500.    ", "500,00  "} {
		data := recording(3)
		copy(data[256+3*128:], text)
		if f, err := read(data); err != nil || f.Signals[0].Damage != nil || f.Signals[0].DigitalMax != 500 {
			t.Errorf("%q: %+v, %v", text, f, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(recording(1))
	f.Add(recording(0))
	f.Add(recording(2)[:1030])
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := read(data)
		if err != nil {
			return
		}
		total := 0
		for i := range file.Signals {
			values, err := file.Physical(i)
			if err != nil && file.Signals[i].Damage == nil {
				t.Errorf("a file with a good header cannot be read: %v", err)
			}
			total += len(values)
		}
		if 2*total > len(data) {
			t.Errorf("%d samples out of %d bytes", total, len(data))
		}
	})
}
