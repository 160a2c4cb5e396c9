//go:build cgo

package runner

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/pjrt"
)

// oneDNN lets XLA on a CPU convolve by oneDNN, where its own convolution of few channels takes twice as long.
const oneDNN = "--xla_cpu_use_onednn=true --xla_cpu_experimental_onednn_custom_call=true"

// prepareXLA sets XLA_FLAGS, unless the environment does, before a plugin is loaded.
func prepareXLA(config string) {
	name, _, _ := strings.Cut(strings.TrimPrefix(config, "xla:"), ",")
	if _, set := os.LookupEnv("XLA_FLAGS"); !set && knowsFlags(pluginFile(name), oneDNN) {
		os.Setenv("XLA_FLAGS", oneDNN)
	}
}

// pluginFile returns the file of a PJRT plugin that is named by its path, or is one of those for CPUs; else "".
func pluginFile(name string) string {
	if filepath.IsAbs(name) || !strings.HasPrefix(name, "cpu") {
		return name
	}
	for found, path := range pjrt.AvailablePlugins() {
		if found == name || strings.HasPrefix(found, name+"_v") {
			return path
		}
	}
	return ""
}

// knowsFlags tells whether a plugin has all of the flags: one that it does not know ends the process.
func knowsFlags(file, flags string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var names [][]byte
	for flag := range strings.FieldsSeq(flags) {
		name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		names = append(names, []byte(name))
	}
	return containsAll(f, names)
}

// containsAll searches a file for words, a part at a time; parts overlap by more than a word.
func containsAll(f io.ReaderAt, words [][]byte) bool {
	const part, overlap = 1 << 20, 1 << 8
	buffer := make([]byte, part+overlap)
	for at := int64(0); len(words) > 0; at += part {
		n, err := f.ReadAt(buffer, at)
		words = slices.DeleteFunc(words, func(word []byte) bool { return bytes.Contains(buffer[:n], word) })
		if err != nil {
			return errors.Is(err, io.EOF) && len(words) == 0
		}
	}
	return true
}
