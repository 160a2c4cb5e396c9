package launch

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Kubernetes is an Indexed Job, one index for each task, and the ConfigMap that brings it the suite. Out and Data are
// paths inside the volume; Suite is not used.
type Kubernetes struct {
	Job
	Content   []byte // the suite's YAML
	Image     string
	Claim     string // PersistentVolumeClaim of the volume
	Namespace string // empty: that of whoever applies the manifest
}

// What a pod sees.
const (
	suiteFile  = "suite.yaml"
	configPath = "/config"
	volumePath = "/store" // working directory, so that further flags may name files of the volume
)

const (
	maxConfigMap = 1 << 20 // bytes; Kubernetes' own limit
	// An attempt that ends in an error which another node may not have, such as a device that is missing, is repeated
	// so often.
	attemptsPerTask = 3
	graceSeconds    = 120 // from the signal to the kill, for checkpoints
)

var (
	dnsLabel     = newForm(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`, "lower-case letters, digits and '-', at most 63")
	dnsSubdomain = newForm(`[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?`, "lower-case letters, digits, '-' and '.'")
	quantity     = newForm(`\d+(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)?`, "a quantity, as in 16Gi")
	imageName    = newForm(`[A-Za-z0-9][A-Za-z0-9._:/@-]*`, "an image, as in registry/name:tag")
)

// Manifest returns the ConfigMap and the Job as YAML documents. The error is a mistake in a setting.
func (k Kubernetes) Manifest() ([]byte, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	for _, document := range []any{k.configMap(), k.job()} {
		if err := encoder.Encode(document); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), encoder.Close()
}

func (k Kubernetes) check() error {
	return cmp.Or(
		k.Job.check(),
		k.checkName(),
		imageName.check("--image", k.Image),
		dnsSubdomain.check("--claim", k.Claim),
		dnsLabel.checkOptional("--namespace", k.Namespace),
		quantity.checkOptional("--memory", k.Memory),
		local("--out", k.Out),
		local("--data", k.Data),
		k.checkContent(),
	)
}

// checkName wants a name that is a DNS label even with the index, since the pods' host names are made so.
func (k Kubernetes) checkName() error {
	if err := dnsLabel.check("--name", k.Name); err != nil {
		return err
	}
	if longest := 63 - len("-") - len(strconv.Itoa(k.Tasks-1)); len(k.Name) > longest {
		return mistake("--name", k.Name, fmt.Sprintf("at most %d characters for %d tasks", longest, k.Tasks))
	}
	return nil
}

func (k Kubernetes) checkContent() error {
	if !utf8.Valid(k.Content) || len(k.Content) > maxConfigMap {
		return fmt.Errorf("the suite has %d bytes: expected UTF-8 text of at most %d, which a ConfigMap can hold",
			len(k.Content), maxConfigMap)
	}
	return nil
}

// local wants a path that stays in the volume.
func local(flag, path string) error {
	if filepath.IsLocal(path) {
		return nil
	}
	return mistake(flag, path, "a path inside the volume of --claim, such as results")
}

// args are the container's arguments. Kubernetes replaces $(NAME) in them and makes $$ a dollar sign.
func (k Kubernetes) args() []text {
	literal := func(s string) string { return strings.ReplaceAll(s, "$", "$$") }
	args := []text{"run"}
	for _, f := range k.flags(configPath+"/"+suiteFile, "$(JOB_COMPLETION_INDEX)") {
		if !f.raw {
			f.value = literal(f.value)
		}
		args = append(args, text(f.name), text(f.value))
	}
	for _, arg := range k.Args {
		args = append(args, text(literal(arg)))
	}
	return args
}

// resources are the same as requests and as limits: the limit on CPUs tells Go how many threads to use.
func (k Kubernetes) resources() map[string]string {
	resources := map[string]string{"cpu": strconv.Itoa(k.CPUs)}
	if k.Memory != "" {
		resources["memory"] = k.Memory
	}
	if k.GPUs > 0 {
		resources["nvidia.com/gpu"] = strconv.Itoa(k.GPUs)
	}
	return resources
}
