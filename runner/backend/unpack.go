package backend

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// unpacking brings a plugin and what it needs out of archives into a folder that is laid out like the one for
// libraries.
type unpacking struct {
	name     string // "cpu" or "cuda"
	stage    string
	archives []*archive
	files    []string // relative to the folder for libraries, with slashes; the plugin is the last
}

func (u *unpacking) close() {
	for _, a := range u.archives {
		a.Close()
	}
}

func (u *unpacking) all(ctx context.Context, from []string) error {
	for _, path := range from {
		a, err := openArchive(path)
		if err != nil {
			return err
		}
		u.archives = append(u.archives, a)
	}
	plugin, err := u.plugin()
	if err != nil {
		return err
	}
	base := path.Base(plugin)
	versioned := strings.HasPrefix(pluginName(base), u.name+"_v") // as go-xla's own are
	if !versioned {
		base = pluginFile(u.name)
	}
	target := path.Join(homeOf(u.name), base)
	if err := os.Rename(filepath.Join(u.stage, "plugin.so"), u.make(target)); err != nil {
		return err
	}
	if u.name == "cuda" {
		err = u.nvidia(ctx)
	} else {
		err = u.needed(plugin, target)
	}
	u.files = append(u.files, target)
	if err == nil && versioned {
		link := path.Join(homeOf(u.name), pluginFile(u.name))
		err = u.link(link, base)
		u.files = append(u.files, link)
	}
	return err
}

// make makes the folder of a file in the stage and returns the file's path.
func (u *unpacking) make(file string) string {
	at := filepath.Join(u.stage, filepath.FromSlash(file))
	_ = os.MkdirAll(filepath.Dir(at), 0o755) // shows when the file is written
	return at
}

// plugin unpacks the library that is a PJRT plugin to plugin.so and returns its name in the archive.
func (u *unpacking) plugin() (name string, err error) {
	at, why := u.make("plugin.so"), error(nil)
	for _, a := range u.archives {
		for _, e := range a.entries {
			base := path.Base(e.name)
			if !strings.HasSuffix(base, ".so") || strings.HasPrefix(base, "lib") && len(a.entries) > 1 {
				continue
			}
			if err := e.unpack(at); err != nil {
				return "", fmt.Errorf("%s: %w", a.name, err)
			}
			if err := checkPlugin(at); err != nil {
				why = fmt.Errorf("%s: %s %w", a.name, base, err)
				continue
			}
			if other := otherPlugin(u.name); strings.Contains(strings.ToLower(base), other) {
				return "", fmt.Errorf("%s: %s is a plugin for %s: expected one for %s", a.name, base, other, u.name)
			}
			return e.name, nil
		}
	}
	if why != nil {
		return "", why
	}
	return "", fmt.Errorf("%s: no PJRT plugin in it: expected a library that has %s", u.archives[0].name, pluginSymbol)
}

func otherPlugin(name string) string {
	if name == "cpu" {
		return "cuda"
	}
	return "cpu"
}

// pluginSymbol is the function that every PJRT plugin has.
const pluginSymbol = "GetPjrtApi"

// checkPlugin finds a library that go-xla could not load, which would end the process.
func checkPlugin(file string) error {
	library, err := elf.Open(file)
	if err != nil {
		return fmt.Errorf("is no library for Linux: %w", err)
	}
	defer library.Close()
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64,
		"arm64": elf.EM_AARCH64}[runtime.GOARCH]; library.Machine != want {
		return fmt.Errorf("is for another processor (%s): expected one for %s", library.Machine, want)
	}
	if !fileContains(file, pluginSymbol) {
		return fmt.Errorf("is no PJRT plugin: it has no %s", pluginSymbol)
	}
	return nil
}

// needed unpacks the libraries that a library asks for, and those that they ask for, as far as they are in the
// archives. They keep their place relative to it, where it looks for them.
func (u *unpacking) needed(inArchive, target string) error {
	library, err := elf.Open(filepath.Join(u.stage, filepath.FromSlash(target)))
	if err != nil {
		return err
	}
	names, err := library.ImportedLibraries()
	if library.Close(); err != nil {
		return nil // not linked dynamically
	}
	for _, a := range u.archives {
		for _, e := range a.entries {
			relative, err := filepath.Rel(path.Dir(inArchive), e.name)
			if err != nil || !slices.Contains(names, path.Base(e.name)) {
				continue
			}
			to := path.Join(path.Dir(target), filepath.ToSlash(relative))
			if !filepath.IsLocal(to) || slices.Contains(u.files, to) {
				continue
			}
			if err := e.unpack(u.make(to)); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			u.files = append(u.files, to)
			if err := u.needed(e.name, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// linkedLibraries are those of NVIDIA that the plugin finds only in the folder for libraries.
var linkedLibraries = []string{"libcublasLt.so.13", "libcublas.so.13"}

// nvidia unpacks NVIDIA's libraries beside the plugin for CUDA, with the links that go-xla's installer makes.
func (u *unpacking) nvidia(ctx context.Context) error {
	home := homeOf(u.name)
	for _, a := range u.archives {
		for _, e := range a.entries {
			inside, isNvidia := strings.CutPrefix(e.name, "nvidia/")
			if !isNvidia || !filepath.IsLocal(inside) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := e.unpack(u.make(path.Join(home, inside))); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
		}
	}
	const compiler, toolkit = "bin/ptxas", "cu13"
	if err := u.link(path.Join(home, compiler), path.Join("..", toolkit, compiler)); err != nil {
		return err
	}
	for _, library := range linkedLibraries {
		inside := path.Join(toolkit, "lib", library)
		if _, err := os.Stat(filepath.Join(u.stage, filepath.FromSlash(path.Join(home, inside)))); err != nil {
			continue // not among the files
		}
		if err := u.link(library, "./"+path.Join(home, inside)); err != nil {
			return err
		}
		u.files = append(u.files, library)
	}
	return nil
}

func (u *unpacking) link(file, to string) error { return os.Symlink(to, u.make(file)) }
