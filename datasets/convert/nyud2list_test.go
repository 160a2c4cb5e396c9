package convert

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

func TestHeldOut(t *testing.T) {
	list := func(sizes ...int) *frameLists {
		l := &frameLists{}
		for scene, n := range sizes {
			for i := range n {
				l.train = append(l.train, frame{image: fmt.Sprintf("s%d/%d.png", scene, i)})
			}
		}
		return l
	}
	tests := []struct {
		name      string
		lists     *frameLists
		low, high int
	}{
		{"one folder", list(795), 40, 40},
		{"two frames", list(2), 1, 1},
		{"equal folders", list(slices.Repeat([]int{10}, 100)...), 50, 50},
		{"one large folder", list(960, 20, 20), 40, 40},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(5) {
				if n := len(test.lists.heldOut(seed)); n < test.low || n > test.high {
					t.Errorf("seed %d: %d frames held out, want %d to %d", seed, n, test.low, test.high)
				}
			}
		})
	}
}

func TestSubsetAtRandom(t *testing.T) {
	l := &frameLists{}
	for i := range 2000 {
		l.train = append(l.train, frame{image: fmt.Sprintf("s/%d.png", i)})
	}
	parts, marked := l.split(1), 0
	for _, f := range append(parts[datasets.Train], parts[datasets.Val]...) {
		if f.subset {
			marked++
		}
	}
	if len(parts[datasets.Train]) != 1900 || marked != subsetFrames {
		t.Errorf("%d training frames, %d in the subset", len(parts[datasets.Train]), marked)
	}
}

func TestReadFramesWithoutMark(t *testing.T) {
	frames, err := readFrames("x.csv", strings.NewReader("\ufeffdata/a.jpg,data/a.png\n\n"))
	if err != nil || len(frames) != 1 || frames[0].image != "data/a.jpg" {
		t.Errorf("%+v %v", frames, err)
	}
}

func TestReadFramesNamesFileAndLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "x.csv: no rows: expected an image and a depth path"},
		{"columns", "a.jpg,b.png\nc.jpg\n", "x.csv:2: 1 columns"},
		{"above", "../a.jpg,b.png\n", `x.csv:1: path "../a.jpg": expected one below`},
		{"absolute", "a.jpg,/b.png\n", `x.csv:1: path "/b.png"`},
		{"no path", "a.jpg,\n", `x.csv:1: path "": expected`},
		{"quote", "\"a.jpg,b.png\n", "x.csv:1: extraneous or missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readFrames("x.csv", strings.NewReader(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want an error that begins with %q", err, test.want)
			}
		})
	}
}

func FuzzReadFrames(f *testing.F) {
	f.Add("data/a.jpg,data/b.png\n")
	f.Add("a,b\n\n\"c\n,d")
	f.Fuzz(func(t *testing.T, text string) {
		frames, err := readFrames("x.csv", strings.NewReader(text))
		if (err == nil) == (len(frames) == 0) {
			t.Errorf("%d rows with error %v", len(frames), err)
		}
		for _, frame := range frames {
			if !filepath.IsLocal(frame.image) || !filepath.IsLocal(frame.depth) {
				t.Errorf("%+v leads out of the folder", frame)
			}
		}
	})
}
