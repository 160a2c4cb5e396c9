// Package store defines the files of a run: where they lie, what they hold, and how they are written so that an
// interruption never leaves a half-written file under its final name.
package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/relevance"
)

// The files of a run, inside <out>/<suite>/<benchmark>/<method>/seed=<s>/<hash8>/.
const (
	ManifestFile    = "manifest.json"
	EventsFile      = "events.jsonl"
	PredictionsFile = "predictions.parquet"
	MetricsFile     = "metrics.json"
	StatusFile      = "status.json"
	CheckpointDir   = "checkpoint" // of the best check
	ResumeDir       = "resume"     // checkpoints to go on from, until the run is done
	CrashFile       = "crash.log"  // the end of what a worker that died wrote to its standard error
)

// Manifest says what a run is and where it came from. Hash covers Config, which holds what changes the numbers, the
// data's hashes among them, and of an external run also its predictions; everything else is provenance, or a copy that
// lets tables and evaluations do without the dataset.
type Manifest struct {
	Hash      string           `json:"hash"` // hex SHA-256; directories carry its first 8 digits
	Suite     string           `json:"suite"`
	Benchmark string           `json:"benchmark"` // "agedb-dir"
	Scale     string           `json:"scale"`     // tiny, small, full
	Method    string           `json:"method"`    // canonical, "rrt+lds"
	Seed      int64            `json:"seed"`
	Fidelity  string           `json:"semantics"` // official or paper
	Selection Selection        `json:"selection"` // rule that chose the epoch
	Metrics   []metrics.Metric `json:"metrics"`   // the columns the benchmark's papers print
	// GMZero is the benchmark's rule for exact hits in the geometric mean; empty means zero.
	GMZero metrics.ZeroPolicy `json:"gm_zero,omitempty"`
	// SpreadLaw is the distribution whose standard deviations the predictions have, empty without them.
	SpreadLaw metrics.Law `json:"spread_law,omitempty"`
	// ScaleRecipe has the fields of the recipe that a suite overrode, with the values of the scale itself.
	ScaleRecipe map[string]json.RawMessage `json:"scale_recipe,omitempty"`
	// Note is what tables must say about the benchmark: "re-implemented protocol: …".
	Note string `json:"note,omitempty"`
	// Imported names the file and the SHA-256 of weights that were read instead of trained; empty for a trained run.
	Imported string `json:"imported,omitempty"`
	// External says where the predictions of another program came from; nil for a run of this one.
	External *External `json:"external,omitempty"`
	// EncoderOnly says that no head was trained: the run is the first stage of others, and no row of a table.
	EncoderOnly bool `json:"encoder_only,omitempty"`
	// FirstConfig identifies the configuration of the first stage, without its seed, where Config has its hash.
	FirstConfig string            `json:"first_config,omitempty"`
	Config      json.RawMessage   `json:"config"` // resolved configuration
	Dataset     Dataset           `json:"dataset"`
	Seeds       map[string]uint64 `json:"seeds"` // derived seeds by purpose
	Commit      string            `json:"commit"`
	Program     string            `json:"program,omitempty"` // SHA-256 of the executable
	GoVersion   string            `json:"go_version"`
	Modules     map[string]string `json:"modules"` // module path to version
	Backend     string            `json:"backend"`
	Device      string            `json:"device"`
	Argv        []string          `json:"argv"` // of the command that the run belongs to
	Attempts    int               `json:"attempts"`
	Started     time.Time         `json:"started"`
}

// External is the file of predictions that another program made.
type External struct {
	File   string `json:"file"` // without its folder
	SHA256 string `json:"sha256"`
}

// String returns "preds.csv (sha256 0123abcd)".
func (e External) String() string { return fmt.Sprintf("%s (sha256 %.8s)", e.File, e.SHA256) }

// Dataset identifies the data of a run.
type Dataset struct {
	Name  string            `json:"name"`
	Title string            `json:"title"` // "AgeDB-DIR"
	Twin  bool              `json:"twin"`
	Files map[string]string `json:"files"` // split to SHA-256
	// Modality is empty in manifests older than this field, all of them of images or text.
	Modality datasets.Modality `json:"modality,omitempty"`
	// Features are the columns of a table, by which its network reads others.
	Features []datasets.Feature `json:"features,omitempty"`

	LabelSpace  datasets.LabelSpace `json:"label_space"`
	Shots       datasets.ShotRule   `json:"shots"`
	TrainCounts []int               `json:"train_counts"` // training samples, or pixels of a dense label, in each bin
	// TrainLabels is the box plot of the training labels, from which the relevance of labels follows; nil in older
	// manifests and of dense labels.
	TrainLabels *relevance.Boxplot `json:"train_labels,omitempty"`
	// Relevance, which is in no file, stands in place of what follows from TrainLabels.
	Relevance *relevance.Function `json:"-"`
}

// Describe keeps the box plot of the training labels. Labels that have none are passed over.
func (d *Dataset) Describe(train []float32) {
	labels := make([]float64, len(train))
	for i, label := range train {
		labels[i] = float64(label)
	}
	if b, err := relevance.NewBoxplot(labels); err == nil {
		d.TrainLabels = &b
	}
}

// RelevanceOfLabels is that of the metrics of a run: Relevance or, by default, that of the adjusted box plot with both
// ends. It is nil where there is none, as of equal labels.
func (d Dataset) RelevanceOfLabels() *relevance.Function {
	if d.Relevance != nil || d.TrainLabels == nil {
		return d.Relevance
	}
	f, err := d.TrainLabels.Relevance(relevance.Adjusted, relevance.Both)
	if err != nil {
		return nil
	}
	return &f
}

// Dense reports whether labels and predictions are pixels of depth maps.
func (d Dataset) Dense() bool { return d.Modality == datasets.Depth }

// DatasetOf returns the manifest's copy of a dataset's description.
func DatasetOf(meta datasets.Meta) Dataset {
	files := make(map[string]string, len(meta.Splits))
	for split, s := range meta.Splits {
		files[string(split)] = s.SHA256
	}
	return Dataset{
		Name: meta.Name, Title: meta.Title, Twin: meta.Twin, Files: files, Modality: meta.Modality, Features: meta.Features,
		LabelSpace: meta.LabelSpace, Shots: meta.Shots, TrainCounts: meta.Splits[datasets.Train].Counts,
	}
}

// State is where a run stands.
type State string

// The states of a run.
const (
	Running     State = "running"
	Done        State = "done"
	Failed      State = "failed"
	Timeout     State = "timeout"     // stopped because it took longer than allowed
	Interrupted State = "interrupted" // stopped by a person or a scheduler
	Stale       State = "stale"       // running by its status.json, but whoever ran it is gone
)

// Status is the content of status.json, written last.
type Status struct {
	State   State     `json:"state"`
	Class   string    `json:"class,omitempty"`   // of a failure, the name of one of [FailureClasses]
	Message string    `json:"message,omitempty"` // one line for a person
	Updated time.Time `json:"updated"`
	Seconds float64   `json:"seconds,omitempty"` // wall time of the run
}

// Event is one line of events.jsonl: a validation, at the end of an epoch or after a number of steps.
type Event struct {
	Stage   string        `json:"stage"` // "encoder" or "regressor"
	Epoch   int           `json:"epoch"` // from 1
	Loss    metrics.Value `json:"loss"`  // mean training loss
	LR      float64       `json:"lr"`
	Val     metrics.Value `json:"val"` // the selection metric on the validation split
	Best    bool          `json:"best"`
	Seconds float64       `json:"seconds"`
	// CompileSeconds is the part of Seconds in which the backend compiled graphs; mostly in the first event of an attempt.
	CompileSeconds float64 `json:"compile_seconds,omitempty"`
	// FirstLoss is the training loss of the very first step, before any update, in the first event; else nil. It hardly
	// depends on chance or on rounding, so a change of it under one hash is a change of the code.
	FirstLoss *metrics.Value `json:"first_loss,omitempty"`
}

// Results is the content of metrics.json: split name to scores by region.
type Results map[string]metrics.ByRegion
