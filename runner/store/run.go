package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

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

// ConfigHash returns 8 digits of the hash over the configuration without its seed, the hashes of the data files, and
// whether the weights were imported: trained and imported weights are never averaged.
func (r Run) ConfigHash() (string, error) {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(r.Manifest.Config, &config); err != nil {
		return "", fmt.Errorf("%s: config: expected a JSON object: delete the run's folder and run it again",
			filepath.Join(r.Dir, ManifestFile))
	}
	delete(config, "seed")
	// Maps are written with sorted keys, so equal configurations are equal bytes.
	parts := []any{config, r.Manifest.Dataset.Files}
	if r.Manifest.Imported != "" {
		parts = append(parts, "imported")
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:4]), nil
}
