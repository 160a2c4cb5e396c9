package convert

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// nyud2Sizes are the numbers of frames of a synthetic folder.
type nyud2Sizes struct{ train, test int }

// writeNYUD2 makes an official folder: 8-bit training depth, ten frames in each scene folder, and 16-bit test depth.
// Files repeat, since encoding them takes most of the time.
func writeNYUD2(t *testing.T, sizes nyud2Sizes) (dir string) {
	t.Helper()
	dir = t.TempDir()
	picture, err := transform.EncodePNG(make([]uint8, 4*3*3), 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	wide := image.NewGray16(image.Rect(0, 0, 640, 480))
	narrow := image.NewGray(image.Rect(0, 0, 320, 240))
	for i := range 640 * 480 {
		wide.SetGray16(i%640, i/640, color.Gray16{Y: uint16(i * 7 % 9000)})
	}
	for i := range narrow.Pix {
		narrow.Pix[i] = uint8(i * 3 % 256)
	}
	files := map[string][]byte{"picture": picture, "8bit": encodeAny(t, narrow), "mm": encodeAny(t, wide)}
	list := func(name string, n int, row func(i int) (string, string), depth string) {
		text := ""
		for i := range n {
			imagePath, depthPath := row(i)
			text += imagePath + "," + depthPath + "\n"
			full := filepath.Join(dir, filepath.FromSlash(imagePath))
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			writeFile(t, full, files["picture"])
			writeFile(t, filepath.Join(dir, filepath.FromSlash(depthPath)), files[depth])
		}
		writeFile(t, filepath.Join(dir, "data", name), []byte(text))
	}
	list(nyud2Train, sizes.train, func(i int) (string, string) {
		base := fmt.Sprintf("data/nyu2_train/scene_%04d_out/%d", i/10, i)
		return base + ".png", base + "_depth.png"
	}, "8bit")
	list(nyud2Test, sizes.test, func(i int) (string, string) {
		base := fmt.Sprintf("data/nyu2_test/%05d_", i)
		return base + "colors.png", base + "depth.png"
	}, "mm")
	return dir
}

func encodeAny(t *testing.T, img image.Image) []byte {
	t.Helper()
	var out strings.Builder
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return []byte(out.String())
}

func TestNYUD2(t *testing.T) {
	dir := writeNYUD2(t, nyud2Sizes{train: 60, test: 3})
	writeFile(t, filepath.Join(dir, "data/nyu2_test/00001_depth.png"), []byte("no depth"))
	subset := "data/nyu2_train/scene_0000_out/1.png,x\ndata/nyu2_train/scene_0005_out/52.png,x\n"
	writeFile(t, filepath.Join(dir, "data", nyud2Subset), []byte(subset))
	opts := NYUD2Options{Options: Options{Out: t.TempDir(), Made: "go test"}}
	d, rejected, err := NYUD2(context.Background(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	want := []Rejection{{2, "data/nyu2_test/00001_colors.png", "depth: neither a JPEG nor a PNG image"}}
	if diff := cmp.Diff(want, rejected); diff != "" {
		t.Errorf("rejected (-want +got)\n%s", diff)
	}
	scenes, marked := map[datasets.Split]map[string]bool{}, 0
	for _, split := range datasets.Splits {
		scenes[split] = map[string]bool{}
		for sample, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			scenes[split][filepath.Dir(sample.ID)] = true
			if sample.Subset {
				marked++
			}
			if (len(sample.Mask) > 0) != (split != datasets.Train) {
				t.Errorf("%s: mask of %d bytes", sample.ID, len(sample.Mask))
			}
			if size, err := transform.Size(sample.Image); err != nil || size != image.Pt(320, 240) {
				t.Errorf("%s: %v %v", sample.ID, size, err)
			}
		}
	}
	if len(scenes[datasets.Val]) != 1 || len(scenes[datasets.Train]) != 5 {
		t.Errorf("val has scenes %v", scenes[datasets.Val])
	}
	for scene := range scenes[datasets.Val] {
		if scenes[datasets.Train][scene] {
			t.Errorf("%s is in train and val", scene)
		}
	}
	if marked < 1 || marked > 2 {
		t.Errorf("%d frames in the subset", marked)
	}
	if problems, err := d.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	expectEqualBins(t, d.Meta.Splits[datasets.Test].Counts)
}

// expectEqualBins expects the same number of pixels in every bin that has any.
func expectEqualBins(t *testing.T, counts []int) {
	t.Helper()
	counts = slices.DeleteFunc(slices.Clone(counts), func(n int) bool { return n == 0 })
	if len(counts) == 0 || slices.Min(counts) != slices.Max(counts) {
		t.Errorf("evaluated pixels per bin: %v", counts)
	}
}

func TestNYUD2WithoutFrames(t *testing.T) {
	dir := writeNYUD2(t, nyud2Sizes{train: 20, test: 2})
	if err := os.RemoveAll(filepath.Join(dir, "data/nyu2_train")); err != nil {
		t.Fatal(err)
	}
	opts := NYUD2Options{Options: Options{Out: t.TempDir(), Made: "go test"}}
	_, _, err := NYUD2(context.Background(), dir, opts)
	if err == nil || !strings.Contains(err.Error(), "none of the 10 train frames can be read (line") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(opts.Out); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestReadDepth has values that Pillow 12 and NumPy give for the official formulas: round(v/255*10*1000) and v.
func TestReadDepth(t *testing.T) {
	narrow := &image.Gray{Pix: []uint8{0, 1, 28, 128, 254, 255}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
	wide := image.NewGray16(image.Rect(0, 0, 2, 1))
	wide.SetGray16(0, 0, color.Gray16{Y: 255})
	wide.SetGray16(1, 0, color.Gray16{Y: 9990})
	low := image.NewGray16(image.Rect(0, 0, 1, 1))
	low.SetGray16(0, 0, color.Gray16{Y: 51})
	tests := []struct {
		name     string
		img      image.Image
		encoding DepthEncoding
		want     []uint16
		problem  string
	}{
		{"8 bits", narrow, DepthAuto, []uint16{0, 39, 1098, 5020, 9961, 10000}, ""},
		{"8 bits by default", narrow, "", []uint16{0, 39, 1098, 5020, 9961, 10000}, ""},
		{"8 bits, millimetres", narrow, DepthMM, []uint16{0, 1, 28, 128, 254, 255}, ""},
		{"16 bits", wide, DepthAuto, []uint16{255, 9990}, ""},
		{"16 bits with 8-bit values", low, Depth8Bit, []uint16{2000}, ""},
		{"16 bits as 8-bit", wide, Depth8Bit, nil, "value 9990: expected at most 255"},
		{"colours", image.NewRGBA(image.Rect(0, 0, 1, 1)), DepthAuto, nil, "expected a grey PNG"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readDepth(test.img, test.encoding)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("got %v", err)
				}
				return
			}
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
		})
	}
}

// TestNYUD2Real converts a few real frames, by lists beside a link to them.
func TestNYUD2Real(t *testing.T) {
	real := realData(t, "nyud2", "data")
	real, err := filepath.Abs(real)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	for list, folder := range map[string]string{nyud2Train: "nyu2_train", nyud2Test: "nyu2_test"} {
		text, err := os.ReadFile(filepath.Join(real, list))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		writeFile(t, filepath.Join(dir, "data", list), []byte(strings.Join(lines[:20], "")))
		if err := os.Symlink(filepath.Join(real, folder), filepath.Join(dir, "data", folder)); err != nil {
			t.Fatal(err)
		}
	}
	d, rejected, err := NYUD2(context.Background(), filepath.Join(dir, "data"),
		NYUD2Options{Options: Options{Out: t.TempDir()}})
	if err != nil || len(rejected) > 0 {
		t.Fatal(rejected, err)
	}
	if s := d.Meta.Splits; s[datasets.Train].Rows != 19 || s[datasets.Val].Rows != 1 || s[datasets.Test].Rows != 20 {
		t.Errorf("%+v", s)
	}
	expectEqualBins(t, d.Meta.Splits[datasets.Test].Counts)
}
