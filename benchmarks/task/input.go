package task

import (
	"fmt"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
)

// ImageModel is an image encoder and its input.
type ImageModel struct {
	Encoder string `yaml:"encoder" json:"encoder"` // tiny-resnet or resnet50
	Size    int    `yaml:"size" json:"size"`       // side of the square input in pixels
	CropPad int    `yaml:"crop_pad" json:"crop_pad"`
	Width   int    `yaml:"width,omitempty" json:"width,omitempty"` // channels of tiny-resnet's first stage
}

// TextModel is a sentence-pair encoder and its input.
type TextModel struct {
	Tokenizer  string  `yaml:"tokenizer" json:"tokenizer"` // lower (words and punctuation, lower case) or treebank
	MaxTokens  int     `yaml:"max_tokens" json:"max_tokens"`
	MaxVocab   int     `yaml:"max_vocab" json:"max_vocab"`
	Pretrained bool    `yaml:"pretrained" json:"pretrained"` // frozen word vectors from a file; false: learned
	Embedding  int     `yaml:"embedding" json:"embedding"`   // width of a word vector
	Hidden     int     `yaml:"hidden" json:"hidden"`         // LSTM units per direction
	Layers     int     `yaml:"layers" json:"layers"`
	Dropout    float64 `yaml:"dropout" json:"dropout"`
}

// DepthModel is a network that predicts the depth of every pixel, and its input.
type DepthModel struct {
	Encoder    string  `yaml:"encoder" json:"encoder"`       // tiny or resnet50
	Width      int     `yaml:"width" json:"width"`           // channels of the encoder's first feature map
	Pretrained bool    `yaml:"pretrained" json:"pretrained"` // encoder initialised from a file; false: at random
	Frame      [2]int  `yaml:"frame,flow" json:"frame"`      // width and height to which frames are resized, before the crop
	Rotate     float64 `yaml:"rotate" json:"rotate"`         // largest rotation in degrees
}

// SignalModel is a network on recordings of several channel groups, and its input.
type SignalModel struct {
	Width         int     `yaml:"width" json:"width"`     // channels of the first stage of each ResNet
	Hidden        int     `yaml:"hidden" json:"hidden"`   // of each group's recurrent layer
	Windows       int     `yaml:"windows" json:"windows"` // most windows of a recording that are used, from its beginning
	WindowSeconds float64 `yaml:"window_seconds" json:"window_seconds"`
}

// Modalities returns the modalities that the recipe has a section for.
func (r Recipe) Modalities() []datasets.Modality {
	var given []datasets.Modality
	for _, section := range []struct {
		modality datasets.Modality
		given    bool
	}{
		{datasets.Image, r.Image != nil}, {datasets.Text, r.Text != nil}, {datasets.Depth, r.Depth != nil}, {datasets.Signal, r.Signal != nil},
	} {
		if section.given {
			given = append(given, section.modality)
		}
	}
	return given
}

// validateModels checks the sections of the inputs.
func (r Recipe) validateModels() error {
	var err error
	if r.Image != nil {
		err = r.Image.validate()
	}
	if r.Text != nil && err == nil {
		err = r.Text.validate()
	}
	if r.Depth != nil && err == nil {
		err = r.Depth.validate()
	}
	if r.Signal != nil && err == nil {
		err = r.Signal.validate()
	}
	return err
}

func (m ImageModel) validate() error {
	if m.Encoder == "tiny-resnet" && m.Width < 1 {
		return fmt.Errorf("image: width %d: expected at least 1", m.Width)
	}
	if m.Size < 8 || m.CropPad < 0 {
		return fmt.Errorf("image: size %d, crop_pad %d: expected a size of at least 8 and a padding of 0 or more", m.Size, m.CropPad)
	}
	if m.Encoder != "tiny-resnet" && m.Encoder != "resnet50" {
		return fmt.Errorf("image: encoder %q: expected tiny-resnet or resnet50", m.Encoder)
	}
	return nil
}

func (m TextModel) validate() error {
	if m.Tokenizer != "lower" && m.Tokenizer != "treebank" {
		return fmt.Errorf("text: tokenizer %q: expected lower or treebank", m.Tokenizer)
	}
	if m.MaxTokens < 1 || m.MaxVocab < 1 || m.Embedding < 1 || m.Hidden < 1 || m.Layers < 1 {
		return fmt.Errorf("text: max_tokens, max_vocab, embedding, hidden and layers must be at least 1")
	}
	if m.Dropout < 0 || m.Dropout >= 1 {
		return fmt.Errorf("text: dropout %g: expected 0 <= dropout < 1", m.Dropout)
	}
	return nil
}

func (m DepthModel) validate() error {
	if err := (models.DepthConfig{Encoder: m.Encoder, Width: m.Width}).Validate(); err != nil {
		return fmt.Errorf("depth: %w", err)
	}
	switch {
	case m.Frame[0] < 32 || m.Frame[1] < 24 || m.Frame[0] > 4096 || m.Frame[1] > 4096:
		return fmt.Errorf("depth: frame %v: expected at least 32×24 and at most 4096×4096 pixels", m.Frame)
	case m.Rotate < 0 || m.Rotate > 45:
		return fmt.Errorf("depth: rotate %g: expected 0 to 45 degrees", m.Rotate)
	case m.Pretrained && m.Encoder != "resnet50":
		return fmt.Errorf("depth: pretrained: only the encoder resnet50 can be")
	}
	return nil
}

func (m SignalModel) validate() error {
	if m.Width < 1 || m.Hidden < 1 || m.Windows < 1 || m.Windows > 10000 {
		return fmt.Errorf("signal: width %d, hidden %d, windows %d: expected at least 1, and at most 10000 windows", m.Width, m.Hidden, m.Windows)
	}
	if !(m.WindowSeconds > 0) || m.WindowSeconds > 3600 {
		return fmt.Errorf("signal: window_seconds %g: expected more than 0 and at most 3600", m.WindowSeconds)
	}
	return nil
}
