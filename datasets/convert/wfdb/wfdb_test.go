package wfdb

import (
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dirbench/dirbench/datasets/convert/wfdb/wfdbtest"
)

// TestPhysical compares every format with what the Python package wfdb reads; testdata/make.py has made both.
func TestPhysical(t *testing.T) {
	text, err := os.ReadFile("testdata/values.json")
	if err != nil {
		t.Fatal(err)
	}
	var records map[string][][]*float64
	if err := json.Unmarshal(text, &records); err != nil {
		t.Fatal(err)
	}
	for name, want := range records {
		r, err := Open(os.DirFS("testdata"), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		defer r.Close()
		if len(r.Signals) != len(want) {
			t.Errorf("%s: %d signals, want %d", name, len(r.Signals), len(want))
			continue
		}
		for i := range want {
			got, err := r.Physical(i)
			if err != nil || len(got) != len(want[i]) {
				t.Errorf("%s, signal %d: %d values, want %d (%v)", name, i, len(got), len(want[i]), err)
				continue
			}
			for k, v := range want[i] {
				if v == nil && !math.IsNaN(got[k]) || v != nil && math.Abs(got[k]-*v) > 1e-12*math.Abs(*v) {
					t.Errorf("%s, signal %d, sample %d: %v, want %v", name, i, k, got[k], v)
				}
			}
		}
	}
}

func TestHeader(t *testing.T) {
	r, err := Open(os.DirFS("testdata"), "multi.hea")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fast, slow := r.Signals[0], r.Signals[1]
	if fast.Rate.RatString() != "200" || slow.Rate.RatString() != "100" || r.Seconds() != 0.12 {
		t.Errorf("rates %v and %v, %v s", fast.Rate, slow.Rate, r.Seconds())
	}
	if fast.Unit != "mV" || fast.Gain != 200 || fast.Baseline != 0 || slow.Unit != "bpm" || slow.Baseline != 12 {
		t.Errorf("%+v, %+v", fast, slow)
	}
	f16, err := Open(os.DirFS("."), "testdata/f16")
	if err != nil {
		t.Fatal(err)
	}
	defer f16.Close()
	if s := f16.Signals[0]; s.Name != "ECG lead II" || s.Rate.RatString() != "250" {
		t.Errorf("%+v", s)
	}
}

// folder has a record of two signals with 8 samples each.
func folder(header string) fstest.MapFS {
	_, samples := wfdbtest.Encode("x", 4, 2, []string{"a", "b"})
	return fstest.MapFS{"x.hea": {Data: []byte(header)}, "x.dat": {Data: samples}}
}

// readAll opens record x and reads its signals.
func readAll(files fs.FS) (r *Record, err error) {
	if r, err = Open(files, "x"); err != nil {
		return nil, err
	}
	defer r.Close()
	for i := range r.Signals {
		if _, err = r.Physical(i); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func TestHeaderForms(t *testing.T) {
	for name, header := range map[string]string{
		"Windows lines":   "x 2 4 8\r\nx.dat 16 1(0)/mV 16 0 1 8 0 a\r\nx.dat 16 1(0)/mV 16 0 2 16 0 b\r\n",
		"byte-order mark": "\ufeffx 2 4 8\nx.dat 16\nx.dat 16\n",
		"blank lines":     "\n\nx 2 4 8\n\nx.dat 16\n\nx.dat 16\n\n",
		"number unknown":  "x 2 4\nx.dat 16\nx.dat 16\n",
		"number 0":        "x 2 4.0 0\nx.dat 16\nx.dat 16\n",
		"comments":        "# x\nx 2 4 8\n#\nx.dat 16\nx.dat 16\n#Age: 40\n",
	} {
		r, err := readAll(folder(header))
		if err != nil || r.frames != 8 || len(r.Signals) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readAll(folder("x 1 4 3\nx.dat 160 1 16 0 1 -32764\n")); err != nil { // 3·(-32768) + 1 + 2 + 1
		t.Errorf("signed checksum: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	signals := "x.dat 16 1 16 0 1 8\nx.dat 16 1 16 0 2 16\n"
	for _, tt := range []struct{ name, header, want string }{
		{"empty", "# nothing\n\n", "x.hea: no record line"},
		{"no signals", "x 0 4 8\n", `x.hea: line 1: number of signals "0": expected a whole number from 1 to 1024`},
		{"segments", "x/3 2 4 8\nx_1 4\n", "multi-segment records are not supported"},
		{"one word", "x\n", "line 1: not a record line"},
		{"too few lines", "x 2 4 8\nx.dat 16\n", "x.hea: 1 signal lines: expected 2"},
		{"rate", "x 2 -4 8\n" + signals, `sampling frequency "-4"`},
		{"hexadecimal rate", "x 2 0x4p1 8\n" + signals, `sampling frequency "0x4p1"`},
		{"samples", "x 2 4 many\n" + signals, `line 1: number of samples "many"`},
		{"truncated", "x 2 4 9\n" + signals, `x.hea: file "x.dat" is truncated: the header says 9 samples a signal, it holds 8`},
		{"checksum", "x 2 4 8\nx.dat 16 1 16 0 1 8\nx.dat 16 1 16 0 2 17 0 b\n",
			"damaged: signal 2 (b) has the checksum 16, the header says 17"},
		{"missing file", "x 1 4 8\ny.dat 16\n", `file "y.dat": it is missing beside the header`},
		{"file elsewhere", "x 1 4 8\n../../y.dat 16\n", `file "../../y.dat": expected a file beside the header`},
		{"FLAC", "x 1 4 8\nx.dat 516\n", "line 2: format 516 is not supported: expected one of 16, 24, 32, 61, 80, 160, 212"},
		{"differences", "x 1 4 8\nx.dat 8\n", "format 8 is not supported"},
		{"no format", "x 1 4 8\nx.dat sixteen\n", `format "sixteen": expected a number`},
		{"skew", "x 1 4 8\nx.dat 16:3\n", "skewed by 3 samples is not supported"},
		{"gain", "x 1 4 8\nx.dat 16 much\n", `gain "much": expected a number`},
		{"infinite gain", "x 1 4 8\nx.dat 16 Inf\n", `gain "Inf": expected a number`},
		{"baseline", "x 1 4 8\nx.dat 16 1(x)\n", `gain "1(x)"`},
		{"two formats", "x 2 4 8\nx.dat 16\nx.dat 212\n", "has format 212, and 16 in a line before"},
		{"two offsets", "x 2 4 8\nx.dat 16\nx.dat 16+2\n", "begins at byte 2, and at 0 in a line before"},
		{"huge frame", "x 1 4 8\nx.dat 16x70000\n", "samples in a frame"},
		{"no samples", "x 1 4\nx.dat 16+400\n", "0 samples a signal"},
	} {
		if _, err := readAll(folder(tt.header)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q has several lines", tt.name, err)
		}
	}
	if _, err := Open(fstest.MapFS{}, "x"); err == nil || !strings.Contains(err.Error(), "not exist") {
		t.Errorf("no header: error %v", err)
	}
}

// FuzzRead: whatever header and samples are, there is an error or every signal has a value for each sample.
func FuzzRead(f *testing.F) {
	_, samples := wfdbtest.Encode("x", 4, 2, []string{"a", "b"})
	for _, header := range []string{
		"x 2 4 8\nx.dat 16 1(0)/mV 16 0 1 8 0 a\nx.dat 16 1(0)/mV 16 0 2 16 0 b\n",
		"x 3 4\nx.dat 212\nx.dat 212x3\nx.dat 212\n",
		"x 1 4/4(0) 5\nx.dat 80+3 200(100)/uV\n", "x/2 1 4 8\n", "x 1 1e3 8\nx.dat 24\n", "x 1 4 8\nx.hea 61\n",
	} {
		f.Add(header, samples)
	}
	f.Fuzz(func(t *testing.T, header string, samples []byte) {
		r, err := Open(fstest.MapFS{"x.hea": {Data: []byte(header)}, "x.dat": {Data: samples}}, "x")
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("%q has several lines", err)
			}
			return
		}
		defer r.Close()
		for i, s := range r.Signals {
			values, err := r.Physical(i)
			if err == nil && len(values) != r.frames*s.perFrame {
				t.Fatalf("signal %d: %d values, expected %d", i, len(values), r.frames*s.perFrame)
			}
		}
		if !(r.Seconds() > 0) {
			t.Fatalf("%v s", r.Seconds())
		}
	})
}
