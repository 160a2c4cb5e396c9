package docs

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets/convert/edf/edftest"
	"github.com/dirbench/dirbench/datasets/convert/wfdb/wfdbtest"
)

// rawFolder writes stand-ins for downloads: the official forms and names, and hardly any content.
type rawFolder struct {
	t   *testing.T
	dir string
}

func writeRaw(t *testing.T, dir string) {
	raw := rawFolder{t, dir}
	raw.ages("agedb/agedb.csv")
	raw.file("agedb/agedb_extrapolation.csv", "age,path,split\n20,images/000.png,train\n20,images/000.png,train\n"+
		"41,images/003.png,val\n48,images/004.png,test\n")
	raw.ages("imdb_wiki/imdb_wiki.csv")
	raw.sentences()
	raw.frames()
	raw.nights()
	raw.hearts()
	raw.file("houses.csv", houses())
	raw.file("homes.csv", homes())
	raw.file("prices.csv", prices())
}

func (r rawFolder) file(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r rawFolder) png(name string, img image.Image) {
	r.t.Helper()
	var text strings.Builder
	if err := png.Encode(&text, img); err != nil {
		r.t.Fatal(err)
	}
	r.file(name, text.String())
}

// ages are images of one grey each, the lighter the older.
func (r rawFolder) ages(csv string) {
	rows := "age,path,split\n"
	for i := range 90 {
		age, split := 20+i*7%60, []string{"train", "train", "train", "val", "test"}[i%5]
		name := fmt.Sprintf("images/%03d.png", i)
		img := image.NewGray(image.Rect(0, 0, 40, 40))
		for p := range img.Pix {
			img.Pix[p] = uint8(age*2 + p%7)
		}
		r.png(filepath.ToSlash(filepath.Join(filepath.Dir(csv), name)), img)
		rows += fmt.Sprintf("%d,%s,%s\n", age, name, split)
	}
	r.file(csv, rows)
}

func (r rawFolder) sentences() {
	for name, n := range map[string]int{"train": 60, "dev": 20, "test": 20} {
		rows := "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
		for i := range n {
			genre := []string{"main-news", "main-captions", "main-forums"}[i%3]
			rows += fmt.Sprintf("%d\t%s\tf\t2012\t%d\tnone\tnone\tA man plays %d.\tA man sings %d.\t%.1f\n", i, genre, i, i%5,
				i%7, float64(i%51)/10)
		}
		r.file("glue_data/STS-B/"+name+"_new.tsv", rows)
	}
}

// frames are rooms whose depth grows to the right: 8-bit depth for training, millimetres for tests.
func (r rawFolder) frames() {
	picture := image.NewGray(image.Rect(0, 0, 320, 240))
	wide := image.NewGray16(image.Rect(0, 0, 640, 480))
	for i := range 640 * 480 {
		wide.SetGray16(i%640, i/640, color.Gray16{Y: uint16(700 + i%640*14)})
	}
	for i := range picture.Pix {
		picture.Pix[i] = uint8(20 + i%320*235/320)
	}
	train, test := "", ""
	for i := range 12 {
		base := fmt.Sprintf("data/nyu2_train/room_%04d_out/%d", i/4, i)
		r.png("nyud2/"+base+".png", picture)
		r.png("nyud2/"+base+"_depth.png", picture)
		train += base + ".png," + base + "_depth.png\n"
	}
	for i := range 2 {
		base := fmt.Sprintf("data/nyu2_test/%05d_", i)
		r.png("nyud2/"+base+"colors.png", picture)
		r.png("nyud2/"+base+"depth.png", wide)
		test += base + "colors.png," + base + "depth.png\n"
	}
	r.file("nyud2/data/nyu2_train.csv", train)
	r.file("nyud2/data/nyu2_test.csv", test)
}

func (r rawFolder) nights() {
	table := "nsrrid,gh_s2\n"
	for id := 1; id <= 12; id++ {
		table += fmt.Sprintf("%d,%d\n", id, 51+id%2*40)
		r.file(fmt.Sprintf("shhs/polysomnography/edfs/shhs2/shhs2-%d.edf", id), string(edftest.Encode(60, edftest.Montage())))
	}
	r.file("shhs/datasets/shhs2-dataset-0.21.0.csv", table)
}

func (r rawFolder) hearts() {
	var rows []string
	for i := range 40 {
		rows = append(rows, fmt.Sprintf("%d,%d.0,%d", i+1, 30+i*7%50, 1+i%10))
	}
	if err := wfdbtest.WritePTBXL(filepath.Join(r.dir, "ptbxl"), 100, rows...); err != nil {
		r.t.Fatal(err)
	}
}

// homes are houses whose price follows from what is known of them; dear ones are rare.
func homes() string {
	rows := "id,rooms,area,year,price\n"
	for i := range 600 {
		rooms, age := 1+i*7%6+i%29/28*3, i*13%80
		area := 20*rooms + i*11%25
		rows += fmt.Sprintf("h%03d,%d,%d,%d,%d\n", i, rooms, area, 2020-age, 40+area*(100-age)/50+i%7)
	}
	return rows
}

// prices are homes with a town each, and without the year of some.
func prices() string {
	rows := "id,town,rooms,area,year,price\n"
	for i := range 400 {
		rooms, year := 1+i*7%6+i%29/28*3, fmt.Sprint(2020-i*13%80)
		if i%17 == 0 {
			year = ""
		}
		area := 20*rooms + i*11%25
		rows += fmt.Sprintf("p%03d,%s,%d,%d,%s,%d\n", i, []string{"Bonn", "Rome", "Ulm"}[i*5%3], rooms, area, year,
			40+area*(2+i*5%3)+i%7)
	}
	return rows
}

// houses is a table with a skewed label, as a reader may have one.
func houses() string {
	rows := "id,rooms,price\n"
	for i := range 400 {
		rows += fmt.Sprintf("%d,%d,%d\n", i, 1+i%6, 100+i%20*i%97)
	}
	return rows
}
