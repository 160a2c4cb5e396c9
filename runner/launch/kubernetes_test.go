package launch

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func someKubernetes() Kubernetes {
	return Kubernetes{
		Job: Job{
			Name: "dirbench-mine", Binary: "dirbench", Out: "results", Data: "data", Tasks: 8,
			Args: []string{"--only", "$(HOME)/*", "--embeddings", "glove $.txt"}, GPUs: 1, CPUs: 4, Memory: "16Gi",
		},
		Content: []byte("name: mine # a comment stays\nseeds: [0]\n"),
		Image:   "registry:5000/dirbench:1@sha256:00", Claim: "store", Namespace: "lab",
	}
}

func TestKubernetesManifest(t *testing.T) {
	manifest, err := someKubernetes().Manifest()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "kubernetes.yaml", string(manifest))
}

// documents parses a manifest back.
func documents(t *testing.T, manifest []byte) (config, job object) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(manifest))
	for _, document := range []*object{&config, &job} {
		if err := decoder.Decode(document); err != nil {
			t.Fatalf("%v in\n%s", err, manifest)
		}
	}
	return config, job
}

// Whatever the suite's text is, the pods get exactly that.
func TestKubernetesContent(t *testing.T) {
	for _, content := range []string{
		"", "\n", "a: 1", "a: 1\n\n\n", "\n\n  indented: 1\n", "  a: 1\nb: 2\n", "\ttab\n\t\n", "a: 1 \n b\t \n",
		"a\r\nb\r\n", "---\na: 1\n---\n...\n", "# comment: {{ .x }} 'q' \"q\" $(VAR)\n", "yes", "null\n", "é ☃ \U0001F600\n",
		"\ufeffname: x\n", "a\x00b\n", "a\u2028b\u0085\n", "%YAML 1.1\n", strings.Repeat("long words ", 100) + "\n",
		"key: |\n    text\n  \n", " \n", " \nx",
	} {
		k := someKubernetes()
		k.Content = []byte(content)
		manifest, err := k.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if config, _ := documents(t, manifest); string(config.Data[suiteFile]) != content {
			t.Errorf("content %q became %q", content, config.Data[suiteFile])
		}
	}
}

// FuzzKubernetesContent is TestKubernetesContent for arbitrary text.
func FuzzKubernetesContent(f *testing.F) {
	f.Add("name: x\n", "--only=*")
	f.Fuzz(func(t *testing.T, content, arg string) {
		k := someKubernetes()
		k.Content, k.Args = []byte(content), []string{arg}
		manifest, err := k.Manifest()
		if err != nil {
			t.Skip()
		}
		config, job := documents(t, manifest)
		args := job.Spec.Template.Spec.Containers[0].Args
		if got := string(config.Data[suiteFile]); got != content {
			t.Errorf("content %q became %q", content, got)
		}
		if want := strings.ReplaceAll(arg, "$", "$$"); string(args[len(args)-1]) != want {
			t.Errorf("argument %q became %q", want, args[len(args)-1])
		}
	})
}

func TestKubernetesShare(t *testing.T) {
	k := someKubernetes()
	k.Share, k.GPUs, k.Memory = true, 0, ""
	manifest, err := k.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	_, job := documents(t, manifest)
	container := job.Spec.Template.Spec.Containers[0]
	if slices.Contains(container.Args, text("--shard")) {
		t.Errorf("arguments %q, want no shard", container.Args)
	}
	if len(container.Resources.Limits) != 1 {
		t.Errorf("limits %v, want one of CPUs alone", container.Resources.Limits)
	}
}

func TestKubernetesMistakes(t *testing.T) {
	long := strings.Repeat("a", 62)
	tests := []struct {
		set  func(*Kubernetes)
		want string
	}{
		{func(k *Kubernetes) { k.Tasks = -1 }, `--tasks "-1": expected at least 1`},
		{func(k *Kubernetes) { k.Name = "My_suite" }, `--name "My_suite": expected lower-case`},
		{func(k *Kubernetes) { k.Name = long }, `--name "` + long + `": expected at most 61 characters for 8 tasks`},
		{func(k *Kubernetes) { k.Image = "" }, `--image "": expected an image`},
		{func(k *Kubernetes) { k.Claim = "" }, `--claim "": expected lower-case`},
		{func(k *Kubernetes) { k.Namespace = "a.b" }, `--namespace "a.b": expected`},
		{func(k *Kubernetes) { k.Memory = "16 GB" }, `--memory "16 GB": expected a quantity`},
		{func(k *Kubernetes) { k.Out = "/results" }, `--out "/results": expected a path inside the volume`},
		{func(k *Kubernetes) { k.Data = "../data" }, `--data "../data": expected a path inside the volume`},
		{func(k *Kubernetes) { k.Content = []byte("\xff") }, `the suite has 1 bytes: expected UTF-8`},
		{func(k *Kubernetes) { k.Content = make([]byte, maxConfigMap+1) }, `the suite has 1048577 bytes`},
	}
	for _, tt := range tests {
		k := someKubernetes()
		tt.set(&k)
		if _, err := k.Manifest(); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
}
