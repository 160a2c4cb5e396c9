package trackers

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/runner/store"
)

// MLflow writes a file store that `mlflow ui --backend-store-uri FOLDER` opens: an experiment for each table
// (benchmark, dataset, scale, semantics and selection), and in it a run for each run.
func MLflow(folder string, runs []store.Run) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	experiments := map[string]bool{}
	for _, run := range runs {
		t, err := track(run)
		if err != nil {
			return err
		}
		id := experimentID(run.Manifest)
		if !experiments[id] {
			if err := writeExperiment(folder, id, t); err != nil {
				return err
			}
			experiments[id] = true
		}
		if err := t.writeRun(folder, id); err != nil {
			return err
		}
	}
	return nil
}

// experimentID is made of 18 digits, as MLflow's own ids, by the key of the run's table.
func experimentID(m store.Manifest) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", m.RowKey()))
	return fmt.Sprintf("%018d", binary.BigEndian.Uint64(sum[:8])%1e18)
}

func writeExperiment(folder, id string, t tracked) error {
	m := t.Manifest
	name := strings.Join([]string{m.Benchmark, m.Dataset.Name, m.Scale, m.Fidelity, m.Selection.String()}, " ")
	return writeYAML(filepath.Join(folder, id, "meta.yaml"), struct {
		Artifacts string `yaml:"artifact_location"`
		Created   int64  `yaml:"creation_time"`
		ID        string `yaml:"experiment_id"`
		Updated   int64  `yaml:"last_update_time"`
		Stage     string `yaml:"lifecycle_stage"`
		Name      string `yaml:"name"`
	}{fileURI(filepath.Join(folder, id)), t.start.UnixMilli(), id, t.end.UnixMilli(), "active",
		strings.Join(strings.Fields(name), " ")})
}

// States of runs and the kind of a program that is not a notebook or a project, as MLflow numbers them.
const (
	mlflowRunning  = 1
	mlflowFinished = 3
	mlflowFailed   = 4
	mlflowKilled   = 5
	mlflowLocal    = 4
)

func mlflowStatus(s store.State) int {
	switch s {
	case store.Done:
		return mlflowFinished
	case store.Running:
		return mlflowRunning
	case store.Failed, store.Timeout:
		return mlflowFailed
	}
	return mlflowKilled
}

// writeRun writes a run's folder: meta.yaml and a file for each metric, parameter and tag.
func (t tracked) writeRun(folder, experiment string) error {
	m := t.Manifest
	name := fmt.Sprintf("%s seed=%d", m.Method, m.Seed)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%s", m.Suite, store.RunName(m.Benchmark, m.Method, m.Seed), m.Hash))
	id := hex.EncodeToString(sum[:16])
	dir := filepath.Join(folder, experiment, id)
	for _, s := range t.series {
		var lines strings.Builder
		for _, p := range s.points {
			fmt.Fprintf(&lines, "%d %v %d\n", p.at.UnixMilli(), p.value, p.step)
		}
		if err := writeText(filepath.Join(dir, "metrics", fileName(s.name)), lines.String()); err != nil {
			return err
		}
	}
	for key, value := range t.settings {
		if err := writeText(filepath.Join(dir, "params", fileName(key)), cut(value)); err != nil {
			return err
		}
	}
	tags := map[string]string{
		"mlflow.runName": name, "mlflow.source.type": "LOCAL", "mlflow.source.name": "dirbench",
		"mlflow.source.git.commit": m.Commit, "hash": m.Hash, "suite": m.Suite, "backend": m.Backend, "device": m.Device,
		"state": string(t.Status.State),
	}
	for key, value := range tags {
		if err := writeText(filepath.Join(dir, "tags", fileName(key)), cut(value)); err != nil {
			return err
		}
	}
	return writeYAML(filepath.Join(dir, "meta.yaml"), struct {
		Artifacts     string   `yaml:"artifact_uri"`
		End           int64    `yaml:"end_time"`
		EntryPoint    string   `yaml:"entry_point_name"`
		Experiment    string   `yaml:"experiment_id"`
		Stage         string   `yaml:"lifecycle_stage"`
		ID            string   `yaml:"run_id"`
		Name          string   `yaml:"run_name"`
		UUID          string   `yaml:"run_uuid"`
		Source        string   `yaml:"source_name"`
		SourceType    int      `yaml:"source_type"`
		SourceVersion string   `yaml:"source_version"`
		Start         int64    `yaml:"start_time"`
		Status        int      `yaml:"status"`
		Tags          []string `yaml:"tags"`
		User          string   `yaml:"user_id"`
	}{
		Artifacts: fileURI(filepath.Join(dir, "artifacts")), End: t.end.UnixMilli(), Experiment: experiment, Stage: "active",
		ID: id, Name: name, UUID: id, SourceType: mlflowLocal, Start: t.start.UnixMilli(),
		Status: mlflowStatus(t.Status.State), Tags: []string{},
	})
}

// longestValue is the longest value of a parameter that MLflow takes.
const longestValue = 500

func cut(value string) string {
	if text := []rune(value); len(text) > longestValue {
		return string(text[:longestValue-1]) + "…"
	}
	return value
}

// foreign are characters that MLflow has in no name.
var foreign = regexp.MustCompile(`[^A-Za-z0-9_\-. /]`)

// fileName is the file of a metric, a parameter or a tag, whose name may have slashes.
func fileName(name string) string { return filepath.FromSlash(foreign.ReplaceAllString(name, "_")) }

func fileURI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

func writeYAML(path string, v any) error {
	raw, err := yaml.Marshal(v)
	if err != nil {
		return err
	}
	return writeText(path, string(raw))
}

// writeText writes one of many small files, which can be written again and need not survive a power loss.
func writeText(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o666)
}
