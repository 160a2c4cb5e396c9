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
	LabelOnly Modality = "label"
)

// Sample is one row of a split.
type Sample struct {
	ID        string
	Label     float32
	Image     []byte    // encoded JPEG or PNG; modality image
	Sentences [2]string // modality text
}
