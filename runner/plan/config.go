package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
)

// numericsVersion goes up when a change of the code changes the numbers of an unchanged configuration, so that old runs
// are not taken for new ones.
const numericsVersion = 4

// Config is everything that changes the numbers of a run, and nothing else: no paths, no device.
type Config struct {
	Numerics    int                       `json:"numerics"`
	Benchmark   string                    `json:"benchmark"`
	Scale       string                    `json:"scale"`
	Method      string                    `json:"method"`
	Seed        int64                     `json:"seed"`
	Fidelity    task.Fidelity             `json:"semantics"`
	Recipe      task.Recipe               `json:"recipe"`
	LabelSpace  datasets.LabelSpace       `json:"label_space"`
	Shots       datasets.ShotRule         `json:"shots"`
	Files       map[datasets.Split]string `json:"files"`                  // SHA-256 of each split
	WordVectors string                    `json:"word_vectors,omitempty"` // SHA-256 of the file
	Encoder     string                    `json:"encoder,omitempty"`      // SHA-256 of the file of pretrained parameters
	Weights     string                    `json:"weights,omitempty"`      // SHA-256 of the file of an imported network
}

// Hash returns the content hash that identifies the run, hex SHA-256 of the canonical JSON.
func (c Config) Hash() string {
	content, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("runner: configuration does not encode: %v", err)) // no field can fail
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// The purposes of random numbers. Each has a stream of its own, so that methods are paired: with the same seed they
// start from the same weights and see the same order of samples and the same augmentation.
const (
	SeedInit     = "init"    // initial weights
	SeedRetrain  = "retrain" // initial weights of a retrained regressor
	SeedOrder    = "order"
	SeedAugment  = "augment"
	SeedDropout  = "dropout"
	SeedResample = "resample" // what SMOTER and SMOGN draw
)

var seedPurposes = []string{SeedInit, SeedRetrain, SeedOrder, SeedAugment, SeedDropout, SeedResample}

// Seeds derives the random streams of a run from its benchmark and seed, not from its method.
func (c Config) Seeds() map[string]uint64 {
	seeds := map[string]uint64{}
	for _, purpose := range seedPurposes {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", c.Benchmark, c.Seed, purpose))
		seeds[purpose] = binary.LittleEndian.Uint64(sum[:])
	}
	return seeds
}
