package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Remove removes a plugin of the user's own folder and all that came with it. It returns the removed files and folders.
func (i *Installer) Remove(ctx context.Context, name string) (removed []string, err error) {
	if !slices.Contains(installable, name) {
		return nil, unknownPlugin(name)
	}
	unlock, err := i.lockIn(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if removed, err = i.remove(name); err != nil || len(removed) > 0 {
		return removed, err
	}
	if file := Find(name); file != "" {
		return nil, fmt.Errorf("%s lies outside %s: remove it by hand", file, i.folder())
	}
	return nil, fmt.Errorf("%s: %w in %s", name, ErrNotInstalled, i.folder())
}

func (i *Installer) remove(name string) (removed []string, err error) {
	there, err := readReceipt(i.home(name), name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", receiptFile(i.home(name), name), err)
	}
	var paths []string
	for _, file := range there.Files {
		paths = append(paths, filepath.Join(i.Lib, filepath.FromSlash(file)))
	}
	paths = append(paths, i.known(name)...)
	for _, path := range paths {
		if _, err := os.Lstat(path); err != nil || slices.Contains(removed, path) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return removed, err
		}
		removed = append(removed, path)
		_ = os.Remove(filepath.Dir(path)) // if it is empty now
	}
	return removed, nil
}

// known returns the paths that go-xla's own installer uses for a plugin, and the receipt.
func (i *Installer) known(name string) []string {
	if name == "cuda" {
		paths := []string{filepath.Join(i.folder(), cudaFolder)}
		for _, library := range linkedLibraries {
			link := filepath.Join(i.Lib, library)
			if to, err := os.Readlink(link); err == nil && strings.Contains(to, folderName+"/"+cudaFolder) {
				paths = append(paths, link)
			}
		}
		return paths
	}
	files, _ := filepath.Glob(filepath.Join(i.folder(), "pjrt_c_api_"+name+"_v*_plugin.so"))
	return append(files, filepath.Join(i.folder(), pluginFile(name)), receiptFile(i.folder(), name))
}

func pluginFile(name string) string { return "pjrt_c_api_" + name + "_plugin.so" }
