// Package configs holds the built-in suites.
package configs

import (
	"embed"
	"fmt"
	"os"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names returns the names of the built-in suites.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the embedded folder exists
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Read returns the YAML text of a suite: a built-in one by its name, or a file, whose name ends in .yaml or .yml.
func Read(name string) ([]byte, error) {
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		return os.ReadFile(name)
	}
	content, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("suite %q: expected one of %s, or a file NAME.yaml", name, strings.Join(Names(), ", "))
	}
	return content, nil
}
