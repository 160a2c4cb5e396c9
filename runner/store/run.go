package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// RunName is BENCHMARK/METHOD/seed=N, as globs select a run and messages name it.
func RunName(benchmark, method string, seed int64) string {
	return fmt.Sprintf("%s/%s/seed=%d", benchmark, method, seed)
}

// BenchmarkOf is BENCHMARK:DATASET, the name of a general benchmark in that of a run.
func BenchmarkOf(benchmark, dataset string) string { return benchmark + ":" + dataset }

// RunName names the run. A general benchmark, which has the name of its modality, stands there with its dataset.
func (m Manifest) RunName() string {
	if m.Benchmark == string(m.Dataset.Modality) {
		return RunName(BenchmarkOf(m.Benchmark, m.Dataset.Name), m.Method, m.Seed)
	}
	return RunName(m.Benchmark, m.Method, m.Seed)
}

// Run is a run as the store holds it.
type Run struct {
	Dir      string
	Manifest Manifest
	Status   Status
	Results  Results // nil until the run is done
	Events   []Event // nil from Scan
}

// Load reads the run in a folder. A run without status.json was cut off before it began and counts as interrupted; one
// that is running by its status although its process is gone is stale. The error names the missing or damaged file; the
// run then holds what could be read before.
func Load(dir string) (Run, error) {
	r, err := loadWithoutEvents(dir)
	if err == nil {
		r.Events, err = ReadEvents(dir)
	}
	return r, err
}

// loadWithoutEvents is Load for those who do not ask how training went: events are most of what a large store holds.
func loadWithoutEvents(dir string) (Run, error) {
	r := Run{Dir: dir}
	err := r.load()
	return r, err
}

// load fills all but the events, as far as the files can be read.
func (r *Run) load() error {
	var err error
	if r.Manifest, err = readManifest(r.Dir); err != nil {
		return err
	}
	err = readJSON(filepath.Join(r.Dir, StatusFile), &r.Status)
	if errors.Is(err, fs.ErrNotExist) {
		r.Status = Status{State: Interrupted, Message: "no " + StatusFile}
	} else if err != nil {
		return err
	}
	err = readJSON(filepath.Join(r.Dir, MetricsFile), &r.Results)
	if err != nil && (r.Status.State == Done || !errors.Is(err, fs.ErrNotExist)) {
		return err
	}
	r.checkClaim()
	return nil
}

// readManifest also refuses JSON that is no manifest: every reader needs the hash and the configuration.
func readManifest(dir string) (m Manifest, err error) {
	path := filepath.Join(dir, ManifestFile)
	if err := readJSON(path, &m); err != nil {
		return Manifest{}, err
	}
	if object := bytes.HasPrefix(m.Config, []byte("{")) || string(m.Config) == "null"; !object || m.Hash == "" {
		return Manifest{}, fmt.Errorf("%s: expected a hash and a config: delete the run's folder and run it again", path)
	}
	return m, nil
}

// WithoutEncoders leaves out finished runs that trained an encoder only, as the first stage of others: the predictions
// of their heads, which were never trained, mean nothing.
func WithoutEncoders(runs []Run) []Run {
	return slices.DeleteFunc(runs, func(r Run) bool { return r.Manifest.EncoderOnly && r.Status.State == Done })
}

// ConfigHash returns 8 digits of the hash over the configuration without its seed, the hashes of the data files, the
// configuration of a first stage, and whether the weights were imported: trained and imported weights are never
// averaged.
func (r Run) ConfigHash() (string, error) {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(r.Manifest.Config, &config); err != nil {
		return "", fmt.Errorf("%s: config: expected a JSON object: delete the run's folder and run it again",
			filepath.Join(r.Dir, ManifestFile))
	}
	delete(config, "seed")
	delete(config, "first_stage") // the hash of a run, which has a seed
	// Maps are written with sorted keys, so equal configurations are equal bytes.
	parts := []any{config, r.Manifest.Dataset.Files}
	if r.Manifest.Imported != "" {
		parts = append(parts, "imported")
	}
	if r.Manifest.FirstConfig != "" {
		parts = append(parts, r.Manifest.FirstConfig)
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:4]), nil
}

// Settings returns a run's configuration as values by dotted names, such as "recipe.lds.size": "5". The seed and the
// hashes of the data, which say what is compared, not how, and empty values are left out; a list is one value, in JSON.
// The error names the manifest.
func (r Run) Settings() (map[string]string, error) {
	var config map[string]any
	decoder := json.NewDecoder(bytes.NewReader(r.Manifest.Config))
	decoder.UseNumber() // as it is written
	if err := decoder.Decode(&config); err != nil {
		return nil, fmt.Errorf("%s: config: %w", filepath.Join(r.Dir, ManifestFile), err)
	}
	delete(config, "seed")
	delete(config, "files")
	config["first_stage"] = r.Manifest.FirstConfig
	flat := map[string]string{}
	return flat, flatten(flat, "", config)
}

func flatten(flat map[string]string, name string, value any) error {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			if err := flatten(flat, k, inner); err != nil {
				return err
			}
		}
	case []any:
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		flat[name] = string(raw)
	default:
		if text := fmt.Sprint(v); text != "" {
			flat[name] = text
		}
	}
	return nil
}

// MatchName reports whether a glob matches a name of parts such as BENCHMARK/METHOD/seed=N. A pattern of fewer parts
// matches whatever follows: agedb-dir/lds all seeds, agedb-dir all methods. A malformed pattern matches nothing; see
// [path.Match].
func MatchName(pattern, name string) bool {
	globs, parts := strings.Split(pattern, "/"), strings.Split(name, "/")
	if len(globs) > len(parts) {
		return false
	}
	for i, glob := range globs {
		if ok, err := path.Match(glob, parts[i]); !ok || err != nil {
			return false
		}
	}
	return true
}

// staleAfter is the age of a claim's last beat, by the clocks of two machines, from which its run counts as stale in
// reports. Whether a run may be taken over is decided with more care; see [ClaimWatch].
const staleAfter = 10 * ClaimLife

// checkClaim makes a run stale that is running by its status but whose process is gone.
func (r *Run) checkClaim() {
	if r.Status.State != Running {
		return
	}
	claim, err := currentClaim(r.Dir)
	if err != nil {
		return
	}
	switch {
	case claim.Number == 0:
		r.Status.Message = "no process works on it"
	case claim.Holder.gone():
		r.Status.Message = fmt.Sprintf("process %d, which worked on it, is gone", claim.Holder.PID)
	default:
		info, err := os.Stat(claimPath(r.Dir, claim.Number))
		if err != nil || time.Since(info.ModTime()) < staleAfter {
			return
		}
		r.Status.Message = fmt.Sprintf("no sign of process %d on %s since %s",
			claim.Holder.PID, claim.Holder.Host, info.ModTime().UTC().Format(time.DateTime))
	}
	r.Status.State = Stale
}
