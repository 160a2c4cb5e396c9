package convert_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/datasets/convert/edf/edftest"
)

// folder makes a temporary folder with files in it.
func folder(files map[string]string) string {
	dir, err := os.MkdirTemp("", "convert")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	return dir
}

// show prints the rows of each split and the reasons why rows were left out.
func show(d *datasets.Dataset, rejected []convert.Rejection, err error) {
	if err != nil {
		log.Fatal(err)
	}
	for _, split := range datasets.Splits {
		fmt.Printf("%s %d, ", split, d.Meta.Splits[split].Rows)
	}
	fmt.Println(d.Meta.Title)
	for _, r := range rejected {
		fmt.Printf("line %d: %s: %s\n", r.Line, r.Path, r.Reason)
	}
}

// Convert the ages of a table, without its images, for statistics.
func ExampleAgeDB() {
	dir := folder(map[string]string{
		"faces.csv": "age,path,split\n31,a.jpg,train\n32,b.jpg,train\n70,c.jpg,val\n4,d.jpg,test\n",
	})
	defer os.RemoveAll(dir)
	show(convert.AgeDB(context.Background(), filepath.Join(dir, "faces.csv"), convert.AgeOptions{
		Options:    convert.Options{Out: dir, Name: "faces", Title: "Faces"},
		LabelsOnly: true, Shots: datasets.AgeShots(),
	}))
	// Output:
	// train 2, val 1, test 1, Faces
}

// Images that cannot be read are left out with a reason.
func ExampleIMDBWIKI() {
	dir := folder(map[string]string{
		"imdb_wiki.csv": "age,path,split\n31,a.png,train\n32,none.png,train\n70,b.png,val\n4,c.png,test\n",
		"a.png":         picture(image.NewGray(image.Rect(0, 0, 8, 8))),
		"b.png":         picture(image.NewGray(image.Rect(0, 0, 8, 8))),
		"c.png":         picture(image.NewGray(image.Rect(0, 0, 8, 8))),
	})
	defer os.RemoveAll(dir)
	show(convert.IMDBWIKI(context.Background(), filepath.Join(dir, "imdb_wiki.csv"), convert.AgeOptions{
		Options: convert.Options{Out: dir}, Images: dir, Size: 4, Shots: datasets.AgeShots(),
	}))
	// Output:
	// train 1, val 1, test 1, IMDB-WIKI-DIR
	// line 3: none.png: the file is missing
}

// Convert the GLUE files of STS-B-DIR.
func ExampleSTSB() {
	const header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
	const row = "0\tmain-news\tf\t2012\t0\tnone\tnone\tA cat sits.\tA cat is sitting.\t4.8\n"
	dir := folder(map[string]string{
		"train_new.tsv": header + row + row, "dev_new.tsv": header + row, "test_new.tsv": header + row,
	})
	defer os.RemoveAll(dir)
	d, err := convert.STSB(context.Background(), dir, convert.Options{Out: dir})
	show(d, nil, err)
	// Output:
	// train 2, val 1, test 1, STS-B-DIR
}

// Convert frames and depth files. One of the twenty training frames is held out for validation.
func ExampleNYUD2() {
	depth := image.NewGray(image.Rect(0, 0, 320, 240))
	for i := range depth.Pix {
		depth.Pix[i] = uint8(26 + i%200) // 1 m to 8.9 m
	}
	files := map[string]string{"data/nyu2_test.csv": "data/t/0.png,data/t/0-depth.png\n", "data/t/0.png": picture(depth),
		"data/t/0-depth.png": picture(depth)}
	for i := range 20 {
		frame := fmt.Sprintf("data/s/%d", i)
		files[frame+".png"], files[frame+"-depth.png"] = picture(depth), picture(depth)
		files["data/nyu2_train.csv"] += frame + ".png," + frame + "-depth.png\n"
	}
	dir := folder(files)
	defer os.RemoveAll(dir)
	show(convert.NYUD2(context.Background(), dir, convert.NYUD2Options{Options: convert.Options{Out: dir}}))
	// Output:
	// train 19, val 1, test 1, NYUD2-DIR
}

// Convert recordings of three people whose scores share a bin of 5 points: one goes to each split.
func ExampleSHHS() {
	recording := string(edftest.Encode(30, edftest.Montage()))
	dir := folder(map[string]string{
		"datasets/shhs2-dataset-1.csv":           "nsrrid,gh_s2\n1,50\n2,52\n3,54\n4,\n",
		"polysomnography/edfs/shhs2/shhs2-1.edf": recording,
		"polysomnography/edfs/shhs2/shhs2-2.edf": recording,
		"polysomnography/edfs/shhs2/shhs2-3.edf": recording,
		"polysomnography/edfs/shhs2/shhs2-4.edf": recording,
	})
	defer os.RemoveAll(dir)
	show(convert.SHHS(context.Background(), dir, convert.SHHSOptions{Options: convert.Options{Out: dir}, Cap: 50}))
	// Output:
	// train 1, val 1, test 1, SHHS-DIR (re-implemented protocol)
	// line 5: shhs2-4.edf: gh_s2 is missing
}

// Divide a table of scores by the balanced rule of the official benchmarks.
func ExampleSplitTable() {
	dir := folder(map[string]string{"scores.csv": "name,score\na,1.5\nb,1.1\nc,1.9\nd,7\n"})
	defer os.RemoveAll(dir)
	rows, counts, err := convert.SplitTable(filepath.Join(dir, "scores.csv"),
		convert.SplitOptions{Label: "score", Width: 1, Cap: 30})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts[datasets.Train], counts[datasets.Val], counts[datasets.Test])
	fmt.Println(rows.Names)
	// Output:
	// 2 1 1
	// [name score split]
}

// A bin gives a third of its samples to validation and a third to test, but no more than the limit.
func ExampleBalancedSplit() {
	ages := make([]float64, 12)
	for i := range ages {
		ages[i] = 40
	}
	counts := map[datasets.Split]int{}
	for _, split := range convert.BalancedSplit(ages, 1, 3, 0) {
		counts[split]++
	}
	fmt.Println(counts[datasets.Train], counts[datasets.Val], counts[datasets.Test])
	// Output:
	// 6 3 3
}

// picture is an image as a PNG file.
func picture(img image.Image) string {
	var out strings.Builder
	if err := png.Encode(&out, img); err != nil {
		log.Fatal(err)
	}
	return out.String()
}
