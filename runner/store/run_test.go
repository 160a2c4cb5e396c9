package store

import "testing"

func TestRunNameOfManifest(t *testing.T) {
	for want, m := range map[string]Manifest{
		"agedb-dir/lds/seed=1":   {Benchmark: "agedb-dir", Dataset: Dataset{Name: "faces", Modality: "image"}},
		"image:faces/lds/seed=1": {Benchmark: "image", Dataset: Dataset{Name: "faces", Modality: "image"}},
		"sts-b-dir/lds/seed=1":   {Benchmark: "sts-b-dir"}, // older manifests name no modality
	} {
		m.Method, m.Seed = "lds", 1
		if got := m.RunName(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
