// Package datasets holds the label side of deep imbalanced regression (label space, bins, shot regions) and the
// prepared form of a dataset: one Parquet file per split beside a dataset.yaml that describes them.
package datasets

// Split names one part of a dataset.
type Split string

// The splits of every benchmark.
const (
	Train Split = "train"
	Val   Split = "val"
	Test  Split = "test"
)

// Splits lists all splits in the order in which they are written and shown.
var Splits = []Split{Train, Val, Test}

// Modality says what the input of a sample is, and with it which columns a Parquet file has.
type Modality string

// The modalities. A label-only dataset has ids and labels and nothing to train on: it serves statistics.
const (
	Image     Modality = "image"
	Text      Modality = "text"
	Depth     Modality = "depth"  // an image whose every pixel has a label
	Signal    Modality = "signal" // a recording of several channel groups
	LabelOnly Modality = "label"
)

var modalities = []Modality{Image, Text, Depth, Signal, LabelOnly}

// Dense reports whether labels belong to pixels rather than to samples.
func (m Modality) Dense() bool { return m == Depth }

// Sample is one row of a split. Which of the inputs it has depends on the modality.
type Sample struct {
	ID        string
	Label     float32   // not used where labels are dense
	Image     []byte    // encoded JPEG or PNG; image and depth
	Sentences [2]string // text
	Depth     []byte    // depth: a 16-bit grey PNG as large as the image, millimetres, 0 where unknown
	Mask      []byte    // depth: an 8-bit grey PNG that is not 0 at evaluated pixels, or nothing to evaluate all
	Subset    bool      // depth: in the training subset that the benchmark names for feature statistics
	// Signals holds a series for each channel group, time × channels.
	Signals [][]float32
}
