package train

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/benchmarks/torchfile"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// Network is a trained network on its way to other programs: the best checkpoint of a finished run, and what a program
// must know to predict with it.
type Network struct {
	kept  snapshot
	names task.TorchNames
	about description
}

// ExportKey is where a safetensors file has the description of the network in its metadata, as JSON, and where a GoMLX
// checkpoint has it as a parameter of the root scope.
const ExportKey = "dirbench"

// description tells a program in which a network runs what it is, how inputs are made, and what to make of outputs.
type description struct {
	Run     exportedRun    `json:"run"`
	Names   string         `json:"names"`   // of the parameters: official, or dirbench; see namesOfficial
	Network any            `json:"network"` // the recipe's section of the input
	Input   map[string]any `json:"input"`   // how an input is prepared
	Output  exportedOutput `json:"output"`
}

// exportedRun says where a network comes from.
type exportedRun struct {
	Suite     string `json:"suite"`
	Benchmark string `json:"benchmark"`
	Scale     string `json:"scale"`
	Method    string `json:"method"`
	Seed      int64  `json:"seed"`
	Semantics string `json:"semantics"`
	Dataset   string `json:"dataset"`
	Hash      string `json:"hash"`
	Imported  string `json:"imported,omitempty"`
}

// exportedOutput says how outputs become predictions: the label is scale · prediction + shift, and a spread is scaled
// likewise.
type exportedOutput struct {
	Scale  float64        `json:"scale"`
	Shift  float64        `json:"shift"`
	Layers map[string]int `json:"layers,omitempty"` // outputs of each layer of a method's own head
	Rule   string         `json:"rule"`
}

// The names of parameters.
const (
	namesOfficial = "official" // of the benchmark's released PyTorch code
	namesOwn      = "dirbench" // see [models.OwnTorchNames]
)

// Export opens the best checkpoint of a finished run, whose dataset is below the root, for other programs. The error is
// one line.
func Export(there store.Run, data string) (*Network, error) {
	run, err := plan.ReopenNetwork(there, data)
	if err != nil {
		return nil, err
	}
	n := &Network{names: run.Config.Recipe.Input().TorchNames()}
	if n.kept, err = readSnapshot(filepath.Join(run.Dir, store.CheckpointDir)); err != nil {
		return nil, err
	}
	n.about, err = describe(run, there.Manifest)
	return n, err
}

// describe says what is to be known about the network of a run.
func describe(run *plan.Run, m store.Manifest) (description, error) {
	input := run.Config.Recipe.Input()
	d := description{Names: namesOwn, Network: input,
		Run: exportedRun{Suite: m.Suite, Benchmark: m.Benchmark, Scale: m.Scale, Method: m.Method, Seed: m.Seed,
			Semantics: m.Fidelity, Dataset: m.Dataset.Name, Hash: m.Hash, Imported: m.Imported},
		Output: exportedOutput{Scale: run.Config.Recipe.LabelScale, Shift: run.Config.Recipe.LabelMean,
			Rule: "prediction = output"}}
	if len(input.TorchNames().Encoder) > 0 {
		d.Names = namesOfficial
	}
	if part, own := run.Method.Head(); own {
		d.Output.Rule, d.Output.Layers = part.Method.Head.Rule, map[string]int{}
		for _, layer := range part.Method.Head.Layers(part.Values) {
			d.Output.Layers[layer.Name] = layer.Outputs
		}
	}
	prepared, err := input.Preparation(run.Dataset)
	d.Input = prepared
	return d, err
}

// Safetensors writes the parameters as PyTorch has them, for load_state_dict with strict=True: under the names of the
// benchmark's released code, where the network is its, with the buffers that it has for feature distribution smoothing;
// else under those of [models.OwnTorchNames]. The variables that a method needs in training only are left out. The same
// run gives the same bytes.
func (n *Network) Safetensors(w io.Writer) error {
	params, err := n.torchNames().Save(n.value)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if n.about.Names == namesOfficial {
		maps.Copy(params, n.fdsBuffers())
	}
	about, err := json.Marshal(n.about)
	if err != nil {
		return err
	}
	return torchfile.WriteSafetensors(w, params, map[string]string{ExportKey: string(about)})
}

// value returns a variable of the checkpoint by its path without the first slash, nil if it is not there.
func (n *Network) value(path string) *tensors.Tensor { return n.kept["/"+path] }

// torchNames names the variables of encoder and regressor, official ones as the released code does.
func (n *Network) torchNames() models.TorchNames {
	shapes := map[string][]int{}
	for path, value := range n.kept {
		if path = strings.TrimPrefix(path, "/"); networkVariable(path) {
			shapes[path] = value.Shape().Dimensions
		}
	}
	if n.about.Names == namesOwn {
		return models.OwnTorchNames(shapes)
	}
	official := models.JoinTorchNames(n.names.Encoder.In("", encoderScope), n.names.Vectors.In("", encoderScope))
	if n.about.Output.Layers == nil {
		return models.JoinTorchNames(official, n.names.Regressor.In("", regressorScope))
	}
	maps.DeleteFunc(shapes, func(path string, _ []int) bool { return !strings.HasPrefix(path, regressorScope+"/") })
	return models.JoinTorchNames(official, models.OwnTorchNames(shapes))
}

func networkVariable(path string) bool {
	return strings.HasPrefix(path, encoderScope+"/") || strings.HasPrefix(path, regressorScope+"/")
}

// fdsNames are the statistics of feature distribution smoothing by the names of their buffers in the released code.
var fdsNames = map[string]string{
	"running_mean": "running_mean", "running_var": "running_var",
	"running_mean_last_epoch": "last_mean", "running_var_last_epoch": "last_var",
	"smoothed_mean_last_epoch": "smoothed_mean", "smoothed_var_last_epoch": "smoothed_var",
}

// fdsBuffers returns the buffers of the released FDS module, none of a run without it. Its epoch is the last one that
// was smoothed; the numbers of samples, which it counts and does not use, are 0.
func (n *Network) fdsBuffers() map[string]models.TorchTensor {
	params := map[string]models.TorchTensor{}
	if n.value("fds/epoch") == nil || n.names.FDS == "" {
		return params
	}
	for buffer, own := range fdsNames {
		v := n.value("fds/" + own)
		params[n.names.FDS+buffer] = models.TorchTensor{Shape: v.Shape().Dimensions,
			Values: tensors.MustCopyFlatData[float32](v)}
	}
	buckets := params[n.names.FDS+"running_mean"].Shape[0]
	params[n.names.FDS+"num_samples_tracked"] = models.TorchTensor{Shape: []int{buckets}, Values: make([]float32, buckets)}
	params[n.names.FDS+"epoch"] = models.TorchTensor{Shape: []int{1}, Values: []float32{float32(max(n.kept.epoch()-1, 0))}}
	return params
}

// Checkpoint makes a new folder with a GoMLX checkpoint of all variables that the run keeps, under their paths, and the
// description as a parameter of the root scope. The same run gives the same bytes.
func (n *Network) Checkpoint(dir string) error {
	about, err := json.Marshal(n.about)
	if err != nil {
		return err
	}
	exported := model.NewStore()
	exported.RootScope().SetParam(ExportKey, string(about))
	for _, path := range slices.Sorted(maps.Keys(n.kept)) {
		if err := (snapshot{path: n.kept[path]}).restore(exported); err != nil {
			return err
		}
	}
	temporary := dir + ".tmp"
	if err := saveUndated(exported, temporary); err != nil {
		return err
	}
	return store.Rename(temporary, dir)
}

// saveUndated saves a checkpoint into a new folder and takes the date out of the names of its files.
func saveUndated(s *model.Store, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	handler, err := checkpoint.Build(s).Dir(dir).WithCompression(checkpoint.BinGZIP).Done()
	if err == nil {
		err = handler.Save()
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	for _, extension := range []string{checkpoint.JsonNameSuffix, checkpoint.BinDataSuffix} {
		files, err := filepath.Glob(filepath.Join(dir, "*"+extension))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("checkpoint %s: %d files %s, %w", dir, len(files), extension, err)
		}
		if err := os.Rename(files[0], filepath.Join(dir, "checkpoint-n0000001-exported"+extension)); err != nil {
			return err
		}
	}
	return store.SyncFiles(dir)
}
