package backend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/gomlx/go-xla/installer"
)

// Download is a file that an index names.
type Download struct {
	Name    string // of the file
	Version string
	URL     string
	SHA256  string // hexadecimal
	Bytes   int64
}

// index looks up what a plugin consists of: for CUDA, wheels of a Python package index with PyPI's JSON interface; for
// CPUs, the file of the release of gomlx/pjrt-cpu-binaries that go-xla was tested with.
type index struct {
	client *http.Client
	pypi   string // "https://pypi.org"
	github string // "https://api.github.com"
}

func newIndex() index {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = time.Minute
	simple := strings.TrimSuffix(cmp.Or(os.Getenv("PIP_INDEX_URL"), "https://pypi.org/simple"), "/")
	return index{&http.Client{Transport: transport}, strings.TrimSuffix(simple, "/simple"), "https://api.github.com"}
}

// downloads returns the files of a plugin, "cpu" or "cuda".
func (x index) downloads(ctx context.Context, name string) ([]Download, error) {
	if name == "cpu" {
		return x.release(ctx, cpuVersion)
	}
	return x.wheels(ctx)
}

// release returns the file of a version of the CPU plugin.
func (x index) release(ctx context.Context, version string) ([]Download, error) {
	var release struct {
		Assets []struct {
			Name, Digest string
			Size         int64
			URL          string `json:"browser_download_url"`
		}
	}
	const repository = installer.BinaryCPUReleasesRepo
	if err := x.get(ctx, fmt.Sprintf("%s/repos/%s/releases/tags/%s", x.github, repository, version),
		&release); err != nil {
		return nil, fmt.Errorf("%w (`dirbench backend install cpu --from FILE` takes a plugin that you have)", err)
	}
	want := fmt.Sprintf("pjrt_cpu_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	for _, asset := range release.Assets {
		if asset.Name == want {
			d := Download{asset.Name, version, asset.URL, strings.TrimPrefix(asset.Digest, "sha256:"), asset.Size}
			return []Download{d}, d.check()
		}
	}
	return nil, fmt.Errorf("release %s of %s has no file %s", version, repository, want)
}

// Packages of the plugin for CUDA. The first one needs the second and, for its extra "with-cuda", NVIDIA's libraries.
const (
	cudaPackage   = "jax-cuda13-plugin"
	pluginPackage = "jax-cuda13-pjrt"
)

// wheels returns the wheels of the plugin for CUDA and of the libraries that it loads, the plugin's first.
func (x index) wheels(ctx context.Context) ([]Download, error) {
	pkg, err := x.project(ctx, cudaPackage)
	if err != nil {
		return nil, err
	}
	var parsed installer.PipPackageInfo
	parsed.Info.RequiresDist = pkg.Info.Requires
	needs, err := parsed.ParseDependencies()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cudaPackage, err)
	}
	var list []Download
	for _, need := range needs {
		if need.Package != pluginPackage && !strings.HasPrefix(need.Package, "nvidia-") {
			continue
		}
		pkg, err := x.project(ctx, need.Package)
		if err != nil {
			return nil, err
		}
		wheel, err := pkg.newest(need)
		if err != nil {
			return nil, err
		}
		list = append(list, wheel)
	}
	if len(list) == 0 || !strings.HasPrefix(list[0].Name, strings.ReplaceAll(pluginPackage, "-", "_")) {
		return nil, fmt.Errorf("%s: expected a package that needs %s and NVIDIA's libraries", cudaPackage, pluginPackage)
	}
	return list, nil
}

// project is what PyPI's JSON interface says about a package; Info is that of the newest version.
type project struct {
	name string
	Info struct {
		Requires []string `json:"requires_dist"`
	}
	Releases map[string][]struct {
		Filename, URL string
		Size          int64
		Yanked        bool
		Digests       struct{ SHA256 string }
	}
}

func (x index) project(ctx context.Context, name string) (p project, err error) {
	p.name = name
	at, err := url.Parse(fmt.Sprintf("%s/pypi/%s/json", x.pypi, name))
	if err != nil {
		return p, err
	}
	if err := x.get(ctx, at.String(), &p); err != nil {
		return p, err
	}
	for _, files := range p.Releases {
		for i := range files { // a mirror names its files relative to the page
			if file, err := at.Parse(files[i].URL); err == nil {
				files[i].URL = file.String()
			}
		}
	}
	return p, nil
}

// finalVersion matches versions that are no previews.
var finalVersion = regexp.MustCompile(`^[0-9.]+$`)

// newest returns the wheel of the newest version that is asked for.
func (p project) newest(need installer.PipDependency) (found Download, err error) {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	platform := regexp.MustCompile(`-manylinux.*_` + machine + `\.whl$`)
	for version, files := range p.Releases {
		if !finalVersion.MatchString(version) || !need.IsValid(version) ||
			found.Version != "" && installer.PipCompareVersion(version, found.Version) <= 0 {
			continue
		}
		for _, file := range files {
			if platform.MatchString(file.Filename) && !file.Yanked {
				found = Download{file.Filename, version, file.URL, file.Digests.SHA256, file.Size}
			}
		}
	}
	if found.Name == "" {
		return found, fmt.Errorf("%s: the index has no wheel for %s/%s that %s can use", p.name, runtime.GOOS, runtime.GOARCH,
			cudaPackage)
	}
	return found, found.check()
}

// check refuses what cannot be checked after the download.
func (d Download) check() error {
	if len(d.SHA256) != 64 || d.Bytes <= 0 || strings.ContainsAny(d.Name, `/\`) {
		return fmt.Errorf("%s: the index names no SHA-256, no size or a bad name: fetch the file yourself and give it "+
			"with --from", d.Name)
	}
	return nil
}

// get reads JSON.
func (x index) get(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := x.client.Do(request)
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, response.Status)
	}
	const most = 64 << 20
	if err := json.NewDecoder(io.LimitReader(response.Body, most)).Decode(into); err != nil {
		return fmt.Errorf("%s: expected JSON: %w", address, err)
	}
	return nil
}
