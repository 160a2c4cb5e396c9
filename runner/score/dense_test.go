package score

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

const frameWidth, frameHeight = 40, 20

func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// depthDataset has frames a, b and c in each split, whose depth is 1 m + x·10 cm; where x is 3 it is unknown. Of b only
// the pixels with x = 5 are evaluated.
func depthDataset(t *testing.T) *datasets.Dataset {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rooms")
	w, err := datasets.Create(dir, datasets.Meta{
		Name: "rooms", Title: "Rooms", Modality: datasets.Depth, LabelSpace: datasets.NYUD2Space(),
		Shots: datasets.ShotRule{Many: 100, Few: 10}, Source: "made here", Licence: "CC0", Made: "a test",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	depth := image.NewGray16(image.Rect(0, 0, frameWidth, frameHeight))
	mask := image.NewGray(depth.Rect)
	for y := range frameHeight {
		for x := range frameWidth {
			if x != 3 {
				depth.SetGray16(x, y, color.Gray16{Y: uint16(1000 + 100*x)})
			}
			if (image.Point{X: x, Y: y}).In(transform.FieldOfView(frameWidth, frameHeight)) && x == 5 {
				mask.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	splits, err := w.AllSplits()
	if err != nil {
		t.Fatal(err)
	}
	for split, part := range splits {
		for _, id := range []string{"a", "b", "c"} {
			s := datasets.Sample{ID: string(split) + id, Image: encoded(t, image.NewRGBA(depth.Rect)), Depth: encoded(t, depth)}
			if id == "b" {
				s.Mask = encoded(t, mask)
			}
			if err := part.Write(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tooFar predicts half a metre too much at each pixel of a part of the frame, row by row.
func tooFar(part image.Rectangle) (values []float64) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			values = append(values, 1.5+float64(x)/10)
		}
	}
	return values
}

// npy is a file as numpy.save writes it.
func npy(descr, shape string, frames ...[]float64) string {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	header += strings.Repeat(" ", 63-(len(header)+10)%64) + "\n"
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	b = append(b, header...)
	for _, f := range frames {
		for _, v := range f {
			if descr == "<f4" {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
			} else {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
			}
		}
	}
	return string(b)
}

func TestDense(t *testing.T) {
	d := depthDataset(t)
	targets, err := SplitTargets(d, datasets.Test)
	if err != nil {
		t.Fatal(err)
	}
	whole, view := tooFar(image.Rect(0, 0, frameWidth, frameHeight)),
		tooFar(transform.FieldOfView(frameWidth, frameHeight))
	var pixels, lists strings.Builder
	pixels.WriteString("id,prediction\n")
	for _, id := range targets.IDs {
		fmt.Fprintf(&pixels, "%q,1.5\n", id)
	}
	for _, id := range []string{"testc", "testa", "testb"} {
		text, err := json.Marshal(map[string]any{"id": id, "prediction": whole})
		if err != nil {
			t.Fatal(err)
		}
		lists.Write(append(text, '\n'))
	}
	size := fmt.Sprintf("%d, %d", transform.FieldOfView(frameWidth, frameHeight).Dy(),
		transform.FieldOfView(frameWidth, frameHeight).Dx())
	common, err := Protocol{}.Manifest(d)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"lists.jsonl": lists.String(),
		"whole.npy":   npy("<f8", fmt.Sprintf("3, %d, %d", frameHeight, frameWidth), whole, whole, whole),
		"view.npy":    npy("<f4", "3, 1, "+size, view, view, view),
	} {
		list, from, err := Read(write(t, name, content), targets, Options{})
		if err != nil || len(list) != 1 || from.File != name {
			t.Errorf("%s: %d runs, %v", name, len(list), err)
			continue
		}
		run, err := NewRun(common, targets, list[0], from)
		if err != nil {
			t.Fatal(err)
		}
		scores := run.Results["test"][metrics.All]
		if mae := float64(scores.Values[metrics.MAE]); math.Abs(mae-0.5) > 1e-6 || scores.N != len(targets.IDs) {
			t.Errorf("%s: MAE %v of %d pixels, want 0.5 of %d", name, mae, scores.N, len(targets.IDs))
		}
	}
	list, _, err := Read(write(t, "pixels.csv", pixels.String()), targets, Options{})
	if err != nil || slices.ContainsFunc(list[0].Values, func(v float32) bool { return v != 1.5 }) {
		t.Errorf("pixels: %v", err)
	}
	if n := slices.IndexFunc(targets.IDs, func(
		id string) bool {
		return strings.HasPrefix(id, "testb@")
	}); targets.IDs[n] != "testb@5,0" {
		t.Errorf("the first pixel of the mask is %s", targets.IDs[n])
	}
}

func TestDenseMistakes(t *testing.T) {
	targets, err := SplitTargets(depthDataset(t), datasets.Test)
	if err != nil {
		t.Fatal(err)
	}
	frame := slices.Repeat([]float64{1}, frameWidth*frameHeight)
	bad := slices.Clone(frame)
	bad[5+frameWidth*5] = math.NaN()
	shape := fmt.Sprintf("3, %d, %d", frameHeight, frameWidth)
	row := func(id string, n int) string {
		return `{"id": "` + id + `", "prediction": [1` + strings.Repeat(",1", n-1) + "]}\n"
	}
	n := frameWidth * frameHeight
	for _, c := range []struct{ name, content, want string }{
		{"p.npy", npy("<f4", shape, frame, frame), "p.npy: cut off in frame 3 of 3"},
		{"p.npy", npy("<f4", shape, frame, frame, frame, frame), "p.npy: longer than its header says"},
		{"p.npy", npy("<f4", "2, 20, 40", frame, frame),
			"p.npy: shape (2, 20, 40): expected (3, height, width), for the frames of rooms test in their order"},
		{"p.npy", npy("<f4", "3, 7, 7"), `p.npy: shape (3, 7, 7): 49 predictions of "testa": expected 20×40 of the frame, or 19×38 of its field of view, row by row`},
		{"p.npy", npy("<i8", shape, frame), `p.npy: numbers of type "<i8": expected float32 or float64`},
		{"p.npy", npy("<f4", "3, 99999999, 99999999"), "expected 20×40 of the frame"},
		{"p.npy", strings.Replace(npy("<f4", shape), "False", "True ", 1), "p.npy: in Fortran order"},
		{"p.npy", "\x93NUMPY\x01\x00\xff\xff", "p.npy: cut off in its header"},
		{"p.npy", "\x93NUMPY\x02\x00\xff\xff\xff\xff", "p.npy: damaged header"},
		{"p.npy", "PK", "p.npy: expected an array that numpy.save wrote"},
		{"p.npy", npy("<f4", shape, frame, bad, bad),
			`2 predictions that are no finite numbers (frame 2 "testb@5,5": NaN, frame 3 "testc@5,5": NaN); 2 predictions missing`},
		{"p.jsonl", row("testa", n) + row("testb", n), `predictions missing ("testc@1,0", `},
		{"p.jsonl", row("testa", n) + row("testa", n), `1 id a second time (line 2 "testa"); `},
		{"p.jsonl", row("testa", n) + row("x", n), `1 unknown id (line 2 "x"); `},
		{"p.jsonl", row("testa", 7), `p.jsonl:1: 7 predictions of "testa": expected 20×40 of the frame`},
		{"p.csv", "id,prediction\ntesta,1\n", `column "prediction"`},
	} {
		_, _, err := Read(write(t, c.name, c.content), targets, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 600 ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %s", c.content, err, c.want)
		}
	}
	plain, _ := targetsOf(t)
	if _, _, err := Read(write(t, "p.npy", npy("<f4", shape)), plain, Options{}); err == nil ||
		!strings.Contains(err.Error(), "an array has no ids") {
		t.Errorf("an array for single labels: %v", err)
	}
}
