package twin

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"bufio"
	"testing"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
)

func TestSheet(t *testing.T) {
	os.MkdirAll("/tmp/twin/sheet", 0o755)
	for _, side := range []int{32, 128} {
		for k := range 8 {
			for i, age := range []int{1, 5, 10, 18, 25, 35, 45, 55, 65, 75, 85, 95, 101} {
				b, err := drawFace(rand.New(rand.NewPCG(uint64(k), uint64(i))), float64(age), side)
				if err != nil {
					t.Fatal(err)
				}
				os.WriteFile(fmt.Sprintf("/tmp/twin/sheet/%d_%02d_%03d.png", side, k, age), b, 0o644)
			}
		}
	}
}

func TestDump(t *testing.T) {
	for _, name := range Names() {
		f, _ := os.Create("/tmp/twin/" + name + ".tsv")
		px, _ := os.Create("/tmp/twin/" + name + ".rgb")
		w := bufio.NewWriter(f)
		err := Generate(name, Options{Seed: 0}, func(s datasets.Split, x datasets.Sample) error {
			fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\n", s, x.ID, x.Label, x.Sentences[0], x.Sentences[1])
			if x.Image != nil {
				m, _ := png.Decode(bytes.NewReader(x.Image))
				for y := range 32 {
					for xx := range 32 {
						r, g, b, _ := m.At(xx, y).RGBA()
						px.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)})
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.Flush()
		f.Close()
		px.Close()
	}
}
