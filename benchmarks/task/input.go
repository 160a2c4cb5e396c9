package task

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
)

// Input is a modality's section of a recipe: a network and the form of its inputs. A new one is a field of [Recipe] and
// a file like those of the others.
type Input interface {
	Modality() datasets.Modality
	// Validate reports the first thing wrong with the section; the message begins with its name.
	Validate() error
	Traits() InputTraits
	// Load reads a dataset of the modality into memory in the form in which the network takes it.
	Load(*datasets.Dataset, Recipe, LoadOptions) (Task, error)
	// Small returns the section for a rehearsal: smaller inputs for the same variables.
	Small() Input
	// Trained returns the section for a network whose parameters come from a checkpoint.
	Trained() Input
	// TorchNames returns the names of the parameters in the official PyTorch checkpoints, none where the network is not
	// the official one.
	TorchNames() TorchNames
	// Preparation says how an input of a dataset becomes what the network takes, for programs in which it runs elsewhere:
	// what JSON can hold, by field. The dataset is the one that the network was trained on.
	Preparation(*datasets.Dataset) (map[string]any, error)
}

// InputTraits are what those who plan a run ask of an input. The zero value is one of any row by itself, which needs no
// file and which training takes as it is.
type InputTraits struct {
	Needs File   // that the network needs beside the dataset
	Form  string // of that file, for a person
	// FromTraining says that the form of the inputs follows from the training dataset, as word numbers do.
	FromTraining bool
	// Augmented says that training changes the inputs at random.
	Augmented bool
	// VocabularyBytes is what the word vectors take at most; a rehearsal, whose vocabulary is small, has hardly any.
	VocabularyBytes int64
}

// TorchNames are the names of a network's parameters in official PyTorch checkpoints.
type TorchNames struct {
	Encoder, Regressor models.TorchNames // for the scopes of encoder and regressor
	// Vectors is the table of word vectors, for the encoder's scope. A checkpoint does not tell the words, so that an
	// import takes the vectors from their file instead.
	Vectors models.TorchNames
	// FDS stands before the names of the buffers of feature distribution smoothing: "FDS.".
	FDS string
}

// File is a kind of file that some networks need beside the dataset.
type File string

// The kinds of files.
const (
	NoFile            File = ""
	WordVectors       File = "pretrained word vectors"
	PretrainedEncoder File = "a pretrained encoder"
)

// Inputs returns the sections that the recipe has, of which its benchmark takes one.
func (r Recipe) Inputs() []Input {
	var given []Input
	for i := range reflect.TypeFor[Recipe]().NumField() {
		field := reflect.ValueOf(r).Field(i)
		if input, ok := field.Interface().(Input); ok && !field.IsNil() {
			given = append(given, input)
		}
	}
	return given
}

// Input returns the section of a valid recipe of a benchmark.
func (r Recipe) Input() Input { return r.Inputs()[0] }

// WithInput returns the recipe with another section for its modality.
func (r Recipe) WithInput(input Input) Recipe {
	fields := reflect.ValueOf(&r).Elem()
	for i := range fields.NumField() {
		if fields.Field(i).Type() == reflect.TypeOf(input) {
			fields.Field(i).Set(reflect.ValueOf(input))
		}
	}
	return r
}

// Load reads a dataset into memory in the form in which the recipe's network takes it.
func (r Recipe) Load(ds *datasets.Dataset, options LoadOptions) (Task, error) {
	input := r.Input()
	if have, want := ds.Meta.Modality, input.Modality(); have != want {
		return nil, fmt.Errorf("dataset %s holds %q inputs: expected %q", ds.Meta.Name, have, want)
	}
	return input.Load(ds, r, options.withNotesOnce())
}

// LoadOptions are what a loader takes beside dataset and recipe.
type LoadOptions struct {
	Embeddings string // file of word vectors in GloVe text format, plain, gzip or zip
	Encoder    string // file of a pretrained ResNet-50 as PyTorch or safetensors writes it
	// Splits are those to read, nil for all: a prediction needs one.
	Splits []datasets.Split `json:"-"`
	// Training is the dataset from which the form of the inputs follows, nil for the one that is read.
	Training *datasets.Dataset `json:"-"`
	// Features are the columns of the table on which the network was trained, nil for those of the dataset that is read.
	Features []datasets.Feature `json:"-"`
	// Note, unless nil, is told in a line what a person may want to know, such as that decoded images cannot be kept on
	// disk. It may be called at any time, from any goroutine.
	Note func(string) `json:"-"`
}

// splits are those to read.
func (o LoadOptions) splits() []datasets.Split {
	if o.Splits == nil {
		return datasets.Splits
	}
	return o.Splits
}

// withNotesOnce returns the options with a Note that says nothing twice: what goes wrong for one split does for the
// others.
func (o LoadOptions) withNotesOnce() LoadOptions {
	if o.Note == nil {
		return o
	}
	var said sync.Map
	note := o.Note
	o.Note = func(text string) {
		if _, before := said.LoadOrStore(text, true); !before {
			note(text)
		}
	}
	return o
}

// File returns the path of a kind of file, empty unless it is given.
func (o LoadOptions) File(kind File) string {
	switch kind {
	case WordVectors:
		return o.Embeddings
	case PretrainedEncoder:
		return o.Encoder
	}
	return ""
}
