package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/installer"
)

// Plugin is a PJRT plugin that go-xla finds.
type Plugin struct {
	Name    string `json:"name"`              // "cpu", "cuda", "cpu_v0.114.0"
	File    string `json:"file"`              // its path
	Source  string `json:"source,omitempty"`  // what it was installed from; empty: not by [Installer]
	Version string `json:"version,omitempty"` // of the source
}

// Plugins returns the plugins that are there, without loading any, in the order of go-xla's search: of those with the
// same name the first is used.
func Plugins() []Plugin {
	var list []Plugin
	known := map[string]bool{}
	for _, folder := range folders() {
		for _, pattern := range []string{"pjrt_c_api_*_plugin.so", "pjrt-plugin-*.so", "pjrt_plugin_*.so"} {
			files, _ := filepath.Glob(filepath.Join(folder, pattern)) // the patterns are right
			for _, file := range files {
				name := pluginName(file)
				if known[name] {
					continue
				}
				known[name] = true
				there, _ := readReceipt(folder, name)
				list = append(list, Plugin{Name: name, File: file, Source: there.Source, Version: there.Version})
			}
		}
	}
	return list
}

var pluginPatterns = []*regexp.Regexp{regexp.MustCompile(`^pjrt_c_api_(.+)_plugin\.so$`),
	regexp.MustCompile(`^pjrt[-_]plugin[-_](.+)\.so$`)}

func pluginName(file string) string {
	for _, pattern := range pluginPatterns {
		if found := pattern.FindStringSubmatch(filepath.Base(file)); found != nil {
			return found[1]
		}
	}
	return ""
}

// Find returns the file of a plugin, which is named by its path, by its name, or by its name without a version; "" if
// there is none.
func Find(name string) string {
	if strings.HasSuffix(name, ".so") {
		if path, err := filepath.Abs(name); err == nil {
			return path
		}
		return name
	}
	plugins := Plugins()
	for _, matches := range []func(string) bool{
		func(found string) bool { return found == name },
		func(found string) bool { return strings.HasPrefix(found, name+"_v") },
	} {
		if i := slices.IndexFunc(plugins, func(p Plugin) bool { return matches(p.Name) }); i >= 0 {
			return plugins[i].File
		}
	}
	return ""
}

// howToInstall is the error about a plugin that is not there.
func howToInstall(name string) error {
	if name == "cpu" || name == "cuda" {
		return fmt.Errorf("%w: `dirbench backend install %s` fetches one; PJRT_PLUGIN_LIBRARY_PATH or xla:PLUGIN.so "+
			"names another",
			ErrNotInstalled, name)
	}
	return fmt.Errorf("%w: `dirbench backend list` prints those that are; PJRT_PLUGIN_LIBRARY_PATH or xla:PLUGIN.so "+
		"names others", ErrNotInstalled)
}

// folders returns where go-xla looks for plugins.
func folders() []string {
	if paths, set := os.LookupEnv("PJRT_PLUGIN_LIBRARY_PATH"); set {
		return slices.DeleteFunc(filepath.SplitList(paths), func(path string) bool { return path == "" })
	}
	var list []string
	if lib, err := installer.DefaultHomeLibPath(); err == nil {
		list = append(list, filepath.Join(lib, folderName), filepath.Join(lib, folderName, cudaFolder),
			filepath.Join(lib, "gomlx", "pjrt"))
	}
	const system = "/usr/local/lib"
	list = append(list, filepath.Join(system, folderName), filepath.Join(system, folderName, cudaFolder),
		filepath.Join(system, "gomlx", "pjrt"))
	for _, path := range filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")) {
		if filepath.IsAbs(path) {
			list = append(list, path)
		}
	}
	return append(list, loaderFolders()...)
}

// loaderFolders returns the folders that the files of the dynamic loader name.
func loaderFolders() (list []string) {
	files, _ := filepath.Glob("/etc/ld.so.conf.d/*.conf")
	for _, file := range append(files, "/etc/ld.so.conf") {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); filepath.IsAbs(line) {
				list = append(list, line)
			}
		}
	}
	return list
}

// go-xla's layout below a folder for libraries, such as ~/.local/lib.
const (
	folderName = "go-xla" // plugins
	cudaFolder = "nvidia" // in it: the plugin for CUDA, with NVIDIA's libraries
)

// receipt says what an installation put where. It lies beside the plugin.
type receipt struct {
	Source  string   `json:"source"`  // a file name
	Version string   `json:"version"` // "" if unknown
	SHA256  []string `json:"sha256"`  // of the files that it was unpacked from
	Files   []string `json:"files"`   // relative to the folder for libraries; the plugin is the last
}

func receiptFile(folder, name string) string { return filepath.Join(folder, "dirbench-"+name+".json") }

// readReceipt returns the receipt of a plugin; the error is an fs.ErrNotExist if something else installed it.
func readReceipt(folder, name string) (r receipt, err error) {
	text, err := os.ReadFile(receiptFile(folder, name))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// fileContains reports whether a file can be read and contains all of the words, which are shorter than 256 bytes.
func fileContains(file string, words ...string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	const part, overlap = 1 << 20, 1 << 8
	buffer := make([]byte, part+overlap)
	for at := int64(0); len(words) > 0; at += part {
		n, err := f.ReadAt(buffer, at)
		words = slices.DeleteFunc(words, func(word string) bool { return bytes.Contains(buffer[:n], []byte(word)) })
		if err != nil {
			return errors.Is(err, io.EOF) && len(words) == 0
		}
	}
	return true
}
