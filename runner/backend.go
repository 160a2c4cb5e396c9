package runner

import (
	"fmt"
	"os"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // backend "go"
)

// OpenBackend opens a compute backend: "go" (pure Go), "xla:cpu", "xla:cuda" or "xla:PATH" with the path of a PJRT plugin,
// or "auto": what GOMLX_BACKEND names, else the best PJRT plugin that is installed, else "go". Nothing is downloaded.
func OpenBackend(name string) (compute.Backend, error) {
	candidates := []string{name}
	if name == "auto" {
		candidates = automatic()
	}
	var err error
	for _, candidate := range candidates {
		if strings.HasPrefix(candidate, "xla") && !haveXLA {
			err = fmt.Errorf("backend %q: this program was built without cgo, so it has only the backend go", candidate)
			continue
		}
		backend, openErr := compute.NewWithConfig(candidate)
		if openErr == nil {
			return backend, nil
		}
		err = fmt.Errorf("backend %q: %s", candidate, firstLine(openErr))
	}
	return nil, err
}

func automatic() []string {
	if configured := os.Getenv("GOMLX_BACKEND"); configured != "" {
		return []string{configured}
	}
	return []string{"xla:cuda", "xla:cpu", "go"}
}
