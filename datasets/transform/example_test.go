package transform_test

import (
	"fmt"
	"image"
	"image/color"

	"github.com/dirbench/dirbench/datasets/transform"
)

// Shrink a grey image; the pixels have three equal channels.
func ExampleResize() {
	img := image.NewGray(image.Rect(0, 0, 4, 2))
	for x := range 4 {
		img.SetGray(x, 0, color.Gray{Y: uint8(60 * x)})
		img.SetGray(x, 1, color.Gray{Y: uint8(60 * x)})
	}
	fmt.Println(transform.Resize(img, 2, 1))
	// Output:
	// [43 43 43 137 137 137]
}

// Mirror an image of 2×2 pixels and move it: the crop begins one pixel further to the right than the image.
func ExampleAugment() {
	src := []uint8{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}
	dst := make([]uint8, len(src))
	transform.Augment(dst, src, 2, 1, true, 2, 1)
	fmt.Println(dst)
	// Output:
	// [0 0 0 2 2 2 0 0 0 4 4 4]
}
