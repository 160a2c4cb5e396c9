//go:build cgo

package backend

import (
	"fmt"
	"os"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"

	_ "github.com/gomlx/go-xla/compute/xla" // backend "xla"; loads a PJRT plugin at run time
)

// HaveXLA reports whether this program was built with XLA.
const HaveXLA = true

// cpuVersion is the version of the CPU plugin that go-xla was tested with.
var cpuVersion = pjrt.DefaultCPUVersion

// openXLA opens "xla:PLUGIN[,OPTIONS]". A plugin is a file, or a name that go-xla searches for.
func openXLA(name string) (backend compute.Backend, err error) {
	defer func() {
		if broken := recover(); broken != nil { // go-xla panics at a plugin that cannot be loaded
			err = fmt.Errorf("a PJRT plugin in %s cannot be loaded (%v)", strings.Join(folders(), ", "), broken)
		}
	}()
	plugin, options, hasOptions := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(name, "xla"), ":"), ",")
	file, asked := Find(plugin), plugin
	if plugin != "" && file == "" {
		return nil, howToInstall(plugin)
	}
	setFlags(plugin, file)
	noGPU := plugin == "cuda" && !installer.HasNvidiaGPU()
	if strings.HasSuffix(plugin, ".so") || noGPU {
		// By name go-xla opens plugins for CUDA only where it sees a GPU; the plugin itself says what is missing.
		plugin = file
	}
	if hasOptions {
		plugin += "," + options
	}
	backend, err = compute.NewWithConfig(strings.TrimSuffix("xla:"+plugin, ":"))
	switch {
	case err != nil && notFound(err):
		return nil, howToInstall(asked)
	case err != nil && noGPU:
		return nil, fmt.Errorf("no NVIDIA GPU can be seen here: %w", err)
	}
	return backend, err
}

// notFound reports whether go-xla's error says that there is no plugin of a name.
func notFound(err error) bool {
	text := err.Error()
	return strings.Contains(text, "no plugins found") || strings.Contains(text, "Plugin ") &&
		strings.Contains(text, "not found")
}

// oneDNN lets XLA on a CPU convolve by oneDNN, where its own convolution of few channels takes twice as long.
const oneDNN = "--xla_cpu_use_onednn=true --xla_cpu_experimental_onednn_custom_call=true"

// setFlags sets XLA_FLAGS, unless the environment does, before a plugin is loaded from a file.
func setFlags(plugin, file string) {
	if _, set := os.LookupEnv("XLA_FLAGS"); set || !strings.HasPrefix(plugin, "cpu") && !strings.HasSuffix(plugin, ".so") {
		return
	}
	if knowsFlags(file, oneDNN) {
		os.Setenv("XLA_FLAGS", oneDNN)
	}
}

// knowsFlags tells whether a plugin has all of the flags: one that it does not know ends the process.
func knowsFlags(file, flags string) bool {
	var names []string
	for flag := range strings.FieldsSeq(flags) {
		name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		names = append(names, name)
	}
	return fileContains(file, names...)
}
