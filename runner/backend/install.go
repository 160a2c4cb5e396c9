package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/gofrs/flock"
	"github.com/gomlx/go-xla/installer"
)

// Installer installs PJRT plugins where go-xla looks for them, so that every GoMLX program finds them. Several
// processes may install at the same time: one waits for the other. An interrupted installation leaves what was there
// before, and the next one goes on with its downloads.
type Installer struct {
	Lib string // go-xla's folder lies in it: ~/.local/lib
	// Note says what is done. Progress begins to show how many bytes are fetched.
	Note     func(text string)
	Progress func(total int64) (show func(bytes int64), end func())
	// Try opens a plugin before it is put in place; nil: it is not tried.
	Try func(ctx context.Context, name, file string) error

	index index
}

// NewInstaller returns one for the user's own folder, which fetches from PyPI, or the index in PIP_INDEX_URL, and from
// GitHub.
func NewInstaller() (*Installer, error) {
	lib, err := installer.DefaultHomeLibPath()
	if err != nil {
		return nil, err
	}
	nothing := func(int64) (func(int64), func()) { return func(int64) {}, func() {} }
	return &Installer{Lib: lib, Note: func(string) {}, Progress: nothing, index: newIndex()}, nil
}

// installable are the plugins that can be installed.
var installable = []string{"cpu", "cuda"}

func unknownPlugin(name string) error {
	return NameError{fmt.Errorf("plugin %q: expected %s", name, strings.Join(installable, " or "))}
}

// folder is go-xla's.
func (i *Installer) folder() string { return filepath.Join(i.Lib, folderName) }

// home is where a plugin and its receipt lie.
func (i *Installer) home(name string) string {
	return filepath.Join(i.Lib, filepath.FromSlash(homeOf(name)))
}

// homeOf is home below the folder for libraries.
func homeOf(name string) string {
	if name == "cuda" {
		return path.Join(folderName, cudaFolder)
	}
	return folderName
}

// Folders of an installation that goes on, in go-xla's folder.
const (
	fetchFolder = ".dirbench-fetched" // stays when it is interrupted
	newFolder   = ".dirbench-new"
	oldFolder   = ".dirbench-old"
)

// Install installs the plugin "cpu" or "cuda" from files that are there, wheels, a .tar.gz or the plugin itself, or, if
// there are none, from those that it fetches. It returns the plugin's path, and whether the same one was installed
// before.
func (i *Installer) Install(ctx context.Context, name string, from []string) (file string, before bool, err error) {
	if !slices.Contains(installable, name) {
		return "", false, unknownPlugin(name)
	}
	if runtime.GOOS != "linux" {
		return "", false, fmt.Errorf("plugins can be installed on Linux only; this is %s", runtime.GOOS)
	}
	unlock, err := i.lockIn(ctx)
	if err != nil {
		return "", false, err
	}
	defer unlock()
	r := receipt{}
	fetched := len(from) == 0
	if fetched {
		list, err := i.index.downloads(ctx, name)
		if err != nil {
			return "", false, err
		}
		r.Source, r.Version = list[0].Name, list[0].Version
		for _, d := range list {
			r.SHA256 = append(r.SHA256, d.SHA256)
		}
		if file := i.same(name, r); file != "" {
			return file, true, nil
		}
		if from, err = i.fetch(ctx, name, list); err != nil {
			return "", false, err
		}
	} else {
		r.Source, r.Version = filepath.Base(from[0]), versionOf(from[0])
		for _, path := range from {
			sum, err := hashOf(path)
			if err != nil {
				return "", false, err
			}
			r.SHA256 = append(r.SHA256, sum)
		}
		if file := i.same(name, r); file != "" {
			return file, true, nil
		}
	}
	if file, err = i.unpack(ctx, name, from, r); err != nil {
		return "", false, err
	}
	if fetched {
		err = os.RemoveAll(filepath.Join(i.folder(), fetchFolder))
	}
	return file, false, err
}

var wheelVersion = regexp.MustCompile(`^[^-]+-([^-]+)-.*\.whl$`)

// versionOf returns the version in a wheel's name, else "".
func versionOf(file string) string {
	if found := wheelVersion.FindStringSubmatch(filepath.Base(file)); found != nil {
		return found[1]
	}
	return ""
}

// same returns the plugin's path if it was installed from the same files.
func (i *Installer) same(name string, r receipt) string {
	there, err := readReceipt(i.home(name), name)
	if err != nil || !slices.Equal(there.SHA256, r.SHA256) || len(there.Files) == 0 {
		return ""
	}
	file := filepath.Join(i.Lib, there.Files[len(there.Files)-1])
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// fetch downloads the files into a folder that stays until they are unpacked.
func (i *Installer) fetch(ctx context.Context, name string, list []Download) (paths []string, err error) {
	folder := filepath.Join(i.folder(), fetchFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	total := int64(0)
	for _, d := range list {
		i.Note(fmt.Sprintf("fetches %s, %s, from %s", d.Name, size(d.Bytes), host(d.URL)))
		total += d.Bytes
	}
	i.Note(fmt.Sprintf("%s to fetch for plugin %s, which goes to %s", size(total), name, i.home(name)))
	show, end := i.Progress(total)
	defer end()
	before := int64(0)
	for _, d := range list {
		path, err := fetch(ctx, i.index.client, d, folder, func(bytes int64) { show(before + bytes) })
		if err != nil {
			return nil, err
		}
		before += d.Bytes
		paths = append(paths, path)
	}
	return paths, nil
}

// unpack unpacks the files beside their final place, checks the plugin and puts all in place.
func (i *Installer) unpack(ctx context.Context, name string, from []string, r receipt) (file string, err error) {
	stage := filepath.Join(i.folder(), newFolder)
	if err := errors.Join(os.RemoveAll(stage), os.RemoveAll(filepath.Join(i.folder(), oldFolder))); err != nil {
		return "", err
	}
	defer os.RemoveAll(stage)
	i.Note("unpacks " + r.Source)
	u := unpacking{name: name, stage: stage}
	defer u.close()
	if err := u.all(ctx, from); err != nil {
		return "", err
	}
	if i.Try != nil {
		i.Note("tries the plugin")
		if err := i.Try(ctx, name, filepath.Join(stage, u.files[len(u.files)-1])); err != nil {
			return "", fmt.Errorf("%s does not work here, so nothing was changed: %w", r.Source, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	r.Files = u.files
	return i.place(name, stage, r)
}

// place moves an unpacked plugin to its place. The receipt comes last: without one it counts as another plugin.
func (i *Installer) place(name, stage string, r receipt) (file string, err error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", err
	}
	home, staged := i.home(name), filepath.Join(stage, filepath.FromSlash(homeOf(name)))
	if err := os.WriteFile(receiptFile(staged, name), append(text, '\n'), 0o644); err != nil {
		return "", err
	}
	moves := r.Files
	if name == "cuda" { // a folder of its own
		old := filepath.Join(i.folder(), oldFolder)
		if err := os.Rename(home, old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if err := os.Rename(staged, home); err != nil {
			return "", errors.Join(err, os.Rename(old, home))
		}
		defer os.RemoveAll(old)
		moves = slices.DeleteFunc(slices.Clone(moves), func(file string) bool { return path.Dir(file) == homeOf(name) })
	} else {
		if err := os.Remove(receiptFile(home, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		moves = append(slices.Clone(moves), path.Join(homeOf(name), filepath.Base(receiptFile(home, name))))
	}
	for _, path := range moves {
		to := filepath.Join(i.Lib, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755),
			os.Rename(filepath.Join(stage, filepath.FromSlash(path)), to)); err != nil {
			return "", err
		}
	}
	return filepath.Join(i.Lib, filepath.FromSlash(r.Files[len(r.Files)-1])), nil
}

// lockIn waits for other installations.
func (i *Installer) lockIn(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(i.folder(), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(i.folder(), ".dirbench.lock"))
	if locked, err := lock.TryLock(); err == nil && !locked {
		i.Note("waits for another installation in " + i.folder())
	}
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	return func() { _ = lock.Unlock() }, nil
}

func size(bytes int64) string { return humanize.Bytes(uint64(bytes)) }

func host(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return address
}
