package launch

import "gopkg.in/yaml.v3"

// The parts of the Kubernetes API that the manifest uses: v1 ConfigMap, batch/v1 Job.

type object struct {
	APIVersion string          `yaml:"apiVersion"`
	Kind       string          `yaml:"kind"`
	Metadata   metadata        `yaml:"metadata"`
	Data       map[string]text `yaml:"data,omitempty"`
	Spec       *jobSpec        `yaml:"spec,omitempty"`
}

// text is a string of any content. yaml.v3 writes several lines as a literal block even where that does not read back
// as it was: with tabs or line ends at its beginning.
type text string

// MarshalYAML implements yaml.Marshaler.
func (t text) MarshalYAML() (any, error) {
	var back string
	if plain, err := yaml.Marshal(string(t)); err == nil && yaml.Unmarshal(plain, &back) == nil && back == string(t) {
		return string(t), nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: string(t)}, nil
}

type metadata struct {
	Name      string `yaml:"name,omitempty"`
	Namespace string `yaml:"namespace,omitempty"`
}

type jobSpec struct {
	CompletionMode       string        `yaml:"completionMode"`
	Completions          int           `yaml:"completions"`
	Parallelism          int           `yaml:"parallelism"`
	BackoffLimitPerIndex int           `yaml:"backoffLimitPerIndex"`
	PodFailurePolicy     failurePolicy `yaml:"podFailurePolicy"`
	Template             podTemplate   `yaml:"template"`
}

type failurePolicy struct {
	Rules []failureRule `yaml:"rules"`
}

type failureRule struct {
	Action          string         `yaml:"action"`
	OnPodConditions []podCondition `yaml:"onPodConditions,omitempty"`
	OnExitCodes     *exitCodes     `yaml:"onExitCodes,omitempty"`
}

type podCondition struct {
	Type   string `yaml:"type"`
	Status string `yaml:"status"`
}

type exitCodes struct {
	ContainerName string `yaml:"containerName"`
	Operator      string `yaml:"operator"`
	Values        []int  `yaml:"values,flow"`
}

type podTemplate struct {
	Spec podSpec `yaml:"spec"`
}

type podSpec struct {
	RestartPolicy string      `yaml:"restartPolicy"`
	GraceSeconds  int         `yaml:"terminationGracePeriodSeconds"`
	Containers    []container `yaml:"containers"`
	Volumes       []volume    `yaml:"volumes"`
}

type container struct {
	Name         string    `yaml:"name"`
	Image        string    `yaml:"image"`
	Command      []string  `yaml:"command"`
	Args         []text    `yaml:"args"`
	WorkingDir   string    `yaml:"workingDir"`
	Resources    resources `yaml:"resources"`
	VolumeMounts []mount   `yaml:"volumeMounts"`
}

type resources struct {
	Requests map[string]string `yaml:"requests"`
	Limits   map[string]string `yaml:"limits"`
}

type mount struct {
	Name      string `yaml:"name"`
	MountPath string `yaml:"mountPath"`
	ReadOnly  bool   `yaml:"readOnly,omitempty"`
}

type volume struct {
	Name      string     `yaml:"name"`
	ConfigMap *metadata  `yaml:"configMap,omitempty"`
	Claim     *claimName `yaml:"persistentVolumeClaim,omitempty"`
}

type claimName struct {
	Name string `yaml:"claimName"`
}

func (k Kubernetes) metadata() metadata { return metadata{Name: k.Name, Namespace: k.Namespace} }

func (k Kubernetes) configMap() object {
	return object{APIVersion: "v1", Kind: "ConfigMap", Metadata: k.metadata(),
		Data: map[string]text{suiteFile: text(k.Content)}}
}

const containerName = "dirbench"

// job runs every task to its end whatever becomes of the others. A pod that a node lost or a drain evicted is replaced
// without being counted; usage errors (2) and failed runs (3) would come again, so the task fails at once.
func (k Kubernetes) job() object {
	return object{APIVersion: "batch/v1", Kind: "Job", Metadata: k.metadata(), Spec: &jobSpec{
		CompletionMode: "Indexed", Completions: k.Tasks, Parallelism: k.Tasks, BackoffLimitPerIndex: attemptsPerTask - 1,
		PodFailurePolicy: failurePolicy{[]failureRule{
			{Action: "Ignore", OnPodConditions: []podCondition{{Type: "DisruptionTarget", Status: "True"}}},
			{Action: "FailIndex", OnExitCodes: &exitCodes{containerName, "In", []int{2, 3}}},
		}},
		Template: podTemplate{podSpec{
			RestartPolicy: "Never", GraceSeconds: graceSeconds,
			Containers: []container{k.container()},
			Volumes: []volume{
				{Name: "suite", ConfigMap: &metadata{Name: k.Name}},
				{Name: "store", Claim: &claimName{k.Claim}},
			},
		}},
	}}
}

func (k Kubernetes) container() container {
	return container{
		Name: containerName, Image: k.Image, Command: []string{k.Binary}, Args: k.args(), WorkingDir: volumePath,
		Resources:    resources{k.resources(), k.resources()},
		VolumeMounts: []mount{{Name: "suite", MountPath: configPath, ReadOnly: true}, {Name: "store", MountPath: volumePath}},
	}
}
