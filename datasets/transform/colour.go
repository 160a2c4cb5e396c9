package transform

// What the official NYUD2-DIR draws: LightingStd is the standard deviation of the normal numbers of Lighting, and the
// numbers of ColourJitter are uniform within ± JitterStrength.
const (
	LightingStd    = 0.1
	JitterStrength = 0.4
)

// Eigenvalues and eigenvectors (in columns) of the covariance of the colours of ImageNet, its mean colour and the
// standard deviation of each channel, all on a scale of 0 to 1.
var (
	imageNetValues  = [channels]float32{0.2175, 0.0188, 0.0045}
	imageNetVectors = [channels][channels]float32{
		{-0.5675, 0.7192, 0.4009},
		{-0.5808, -0.0045, -0.8140},
		{-0.5836, -0.6948, 0.4203},
	}
	imageNetMean = [channels]float32{0.485, 0.456, 0.406}
	imageNetStd  = [channels]float32{0.229, 0.224, 0.225}
)

// Unit maps 8-bit values to [0, 1], keeping their order. dst must be at least as long as src.
func Unit(dst []float32, src []uint8) {
	for i, x := range src {
		dst[i] = float32(x) / 255
	}
}

// Lighting adds one colour to all pixels of an RGB image, in place: the principal components of the colours of ImageNet,
// each times its eigenvalue and a number of noise (Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
// convolutional neural networks", 2012, section 4.1).
func Lighting(rgb []float32, noise [3]float32) {
	var colour [channels]float32
	for c, vector := range imageNetVectors {
		for i := range vector {
			colour[c] += vector[i] * noise[i] * imageNetValues[i]
		}
	}
	for i := 0; i+channels <= len(rgb); i += channels {
		for c := range channels {
			rgb[i+c] += colour[c]
		}
	}
}

// Jitter is a step of ColourJitter.
type Jitter int

// The steps of ColourJitter, each by what an image is mixed with: black, the image's mean grey, its grey image.
const (
	Brightness Jitter = iota
	Contrast
	Saturation
)

// ColourJitter changes the colours of an RGB image, in place, by one step after the other: with a = alphas[step] the
// image becomes (1-a) × image + a × what the step mixes in. A negative alpha strengthens, a positive one weakens. Values
// are not limited to [0, 1].
func ColourJitter(rgb []float32, alphas [3]float32, order [3]Jitter) {
	for _, step := range order {
		alpha := alphas[step]
		switch step {
		case Brightness:
			mix(rgb, 0, alpha)
		case Contrast:
			mix(rgb, meanGrey(rgb), alpha)
		case Saturation:
			for i := 0; i+channels <= len(rgb); i += channels {
				mix(rgb[i:i+channels], grey(rgb[i:]), alpha)
			}
		}
	}
}

// mix moves values by the share alpha of the way towards a target.
func mix(values []float32, target, alpha float32) {
	for i, x := range values {
		values[i] = x + alpha*(target-x)
	}
}

// grey is the luma of the first pixel (ITU-R BT.601).
func grey(rgb []float32) float32 {
	return 0.299*rgb[0] + 0.587*rgb[1] + 0.114*rgb[2]
}

func meanGrey(rgb []float32) float32 {
	sum := 0.0
	for i := 0; i+channels <= len(rgb); i += channels {
		sum += float64(grey(rgb[i:]))
	}
	return float32(sum / float64(max(len(rgb)/channels, 1)))
}

// NormaliseImageNet subtracts ImageNet's mean colour and divides by its standard deviation, in place, the form of
// input that networks trained on ImageNet expect.
func NormaliseImageNet(rgb []float32) {
	for i := 0; i+channels <= len(rgb); i += channels {
		for c := range channels {
			rgb[i+c] = (rgb[i+c] - imageNetMean[c]) / imageNetStd[c]
		}
	}
}
