//go:build linux

package backend

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// library is the header of an ELF file for a processor, and what follows.
func library(machine byte, content string) string {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20], header[52] = 3, machine, 1, 64
	return string(header) + content
}

const x86, arm = 62, 183

func plugin(content string) string {
	if runtime.GOARCH == "arm64" {
		return library(arm, "GetPjrtApi"+content)
	}
	return library(x86, "GetPjrtApi"+content)
}

// wheel writes a wheel of names and contents in turn.
func wheel(t *testing.T, name string, files ...string) string {
	t.Helper()
	var text bytes.Buffer
	writer := zip.NewWriter(&text)
	for i := 0; i < len(files); i += 2 {
		file, err := writer.Create(files[i])
		if err == nil {
			_, err = file.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return save(t, filepath.Join(t.TempDir(), name), text.String())
}

func save(t *testing.T, path, text string) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

// testInstaller installs into an empty folder and fetches from a server that has files by path.
func testInstaller(t *testing.T, files map[string]string) (*Installer, *fileHost) {
	t.Helper()
	server := &fileHost{files: files}
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	t.Setenv("PIP_INDEX_URL", s.URL+"/simple/")
	t.Setenv("HOME", t.TempDir())
	retryPause = time.Millisecond
	i, err := NewInstaller()
	if err != nil {
		t.Fatal(err)
	}
	i.index.github = s.URL
	return i, server
}

// fileHost serves files; those in cut break off after that many bytes, once each, and those in whole know no ranges.
type fileHost struct {
	sync.Mutex
	files    map[string]string
	cut      map[string]int
	whole    map[string]bool
	requests []string
}

func (h *fileHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.Lock()
	defer h.Unlock()
	h.requests = append(h.requests, r.URL.Path+" "+r.Header.Get("Range"))
	text, there := h.files[r.URL.Path]
	if !there {
		http.NotFound(w, r)
		return
	}
	if h.whole[r.URL.Path] {
		r.Header.Del("Range")
	}
	if n, cut := h.cut[r.URL.Path]; cut {
		delete(h.cut, r.URL.Path)
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		_, _ = w.Write([]byte(text[:n]))
		return
	}
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// cudaIndex is an index with the packages of the plugin for CUDA. Its wheels are named relative to its pages, as
// mirrors do.
func cudaIndex(t *testing.T) map[string]string {
	t.Helper()
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	files := map[string]string{}
	page := func(name string, needs []string, wheels map[string]string) {
		type file struct {
			Filename string            `json:"filename"`
			URL      string            `json:"url"`
			Size     int               `json:"size"`
			Digests  map[string]string `json:"digests"`
			Yanked   bool              `json:"yanked"`
		}
		releases := map[string][]file{}
		for version, path := range wheels {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			base := filepath.Base(path)
			files["/packages/"+base] = string(text)
			releases[version] = append(releases[version],
				file{base, "../../packages/" + base, len(text), map[string]string{"sha256": digest(string(text))},
					strings.Contains(version, ".9.")})
		}
		text, err := json.Marshal(map[string]any{"info": map[string]any{"requires_dist": needs}, "releases": releases})
		if err != nil {
			t.Fatal(err)
		}
		files["/pypi/"+name+"/json"] = string(text)
	}
	named := func(pkg, version string) string {
		return pkg + "-" + version + "-py3-none-manylinux_2_27_" + machine + ".whl"
	}
	page("jax-cuda13-plugin", []string{"jax-cuda13-pjrt==0.12.0", "absent<2",
		`nvidia-cublas<14,>=13.0; extra == "with-cuda"`}, nil)
	page("jax-cuda13-pjrt", nil, map[string]string{
		"0.12.0": wheel(t, named("jax_cuda13_pjrt", "0.12.0"), "jax_plugins/xla_cuda13/xla_cuda_plugin.so", plugin("cuda"))})
	cublas := func(version string) string {
		return wheel(t, named("nvidia_cublas", version), "nvidia/cu13/lib/libcublas.so.13", "blas "+version,
			"nvidia/cu13/bin/ptxas", "ptxas", "nvidia/../../evil", "")
	}
	page("nvidia-cublas", nil, map[string]string{"13.1": cublas("13.1"), "13.10": cublas("13.10"),
		"13.9.9": cublas("13.9.9"), "13.11rc1": cublas("13.11rc1"), "14.0": cublas("14.0"), "12.8": cublas("12.8")})
	return files
}

// cpuRelease is a release of go-xla's plugin for CPUs.
func cpuRelease(t *testing.T) (files map[string]string, archive string) {
	t.Helper()
	var text bytes.Buffer
	plain := gzip.NewWriter(&text)
	writer := tar.NewWriter(plain)
	content := plugin("cpu")
	err := writer.WriteHeader(&tar.Header{Name: "pjrt_c_api_cpu_" + cpuVersion + "_plugin.so", Mode: 0o755,
		Size: int64(len(content))})
	if err == nil {
		_, err = writer.Write([]byte(content))
	}
	if err = errors.Join(err, writer.Close(), plain.Close()); err != nil {
		t.Fatal(err)
	}
	archive = fmt.Sprintf("/cpu/pjrt_cpu_linux_%s.tar.gz", runtime.GOARCH)
	return map[string]string{archive: text.String()}, archive
}

// name adds the page of the release to a host's files.
func (h *fileHost) name(archive, sum string, size int, at string) {
	h.files["/repos/gomlx/pjrt-cpu-binaries/releases/tags/"+cpuVersion] = fmt.Sprintf(
		`{"assets": [{"name": %q, "size": %d, "digest": "sha256:%s", "browser_download_url": %q}]}`, filepath.Base(archive),
		size, sum, at+archive)
}

func TestInstallFromFile(t *testing.T) {
	i, server := testInstaller(t, nil)
	for name, from := range map[string]string{
		"wheel": wheel(t, "some_cpu-1.2-py3-none-any.whl", "some/__init__.py", "", "some/libother.so", "",
			"some/pjrt_c_api_cpu_plugin.so", plugin("a")),
		"so": save(t, filepath.Join(t.TempDir(), "mine.so"), plugin("b")),
	} {
		file, before, err := i.Install(t.Context(), "cpu", []string{from})
		if err != nil || before || file != Find("cpu") || filepath.Base(file) != "pjrt_c_api_cpu_plugin.so" {
			t.Fatalf("%s: %q, before %v, found %q, error %v", name, file, before, Find("cpu"), err)
		}
		if _, before, err := i.Install(t.Context(), "cpu", []string{from}); err != nil || !before {
			t.Errorf("%s again: before %v, error %v", name, before, err)
		}
		if list := Plugins(); len(list) == 0 || list[0].Source != filepath.Base(from) {
			t.Errorf("%s: plugins %+v", name, list)
		}
	}
	if len(server.requests) > 0 {
		t.Errorf("asked for %q", server.requests)
	}
	if removed, err := i.Remove(t.Context(), "cpu"); err != nil || len(removed) != 2 || Find("cpu") != "" {
		t.Errorf("removed %q, error %v", removed, err)
	}
	if _, err := i.Remove(t.Context(), "cpu"); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("removed again: %v", err)
	}
}

// TestInstallRefuses: what is wrong is said in one line, and what was there before stays.
func TestInstallRefuses(t *testing.T) {
	i, _ := testInstaller(t, nil)
	good, _, err := i.Install(t.Context(), "cpu", []string{save(t, filepath.Join(t.TempDir(), "good.so"), plugin("good"))})
	if err != nil {
		t.Fatal(err)
	}
	other := byte(arm)
	if runtime.GOARCH == "arm64" {
		other = x86
	}
	for name, tt := range map[string]struct{ plugin, from, want string }{
		"name":   {"gpu", "", `plugin "gpu": expected cpu or cuda`},
		"absent": {"cpu", "/none.whl", "no such file"},
		"text": {"cpu", save(t, filepath.Join(t.TempDir(), "a.whl"), "hello"),
			"expected a wheel, a .tar.gz or a PJRT plugin"},
		"cut wheel": {"cpu", save(t, filepath.Join(t.TempDir(), "b.whl"), "PK\x03\x04"), "not a valid zip file"},
		"no plugin": {"cpu", wheel(t, "c.whl", "c/__init__.py", ""), "c.whl: no PJRT plugin in it"},
		"no symbol": {"cpu", wheel(t, "d.whl", "d/x.so", strings.Replace(plugin(""), "GetPjrtApi", "GetXyzzyApi", 1)),
			"d.whl: x.so is no PJRT plugin: it has no GetPjrtApi"},
		"no library": {"cpu", wheel(t, "e.whl", "e/x.so", "text"), "e.whl: x.so is no library for Linux"},
		"processor": {"cpu", wheel(t, "f.whl", "f/x.so", library(other, "GetPjrtApi")),
			"f.whl: x.so is for another processor"},
		"kind": {"cpu", wheel(t, "g.whl", "g/xla_cuda_plugin.so", plugin("")),
			"g.whl: xla_cuda_plugin.so is a plugin for cuda: expected one for cpu"},
		"does not open": {"cpu", save(t, filepath.Join(t.TempDir(), "new.so"), plugin("new")),
			"new.so does not work here, so nothing was changed: broken"},
	} {
		i.Try = func(context.Context, string, string) error { return errors.New("broken") }
		_, _, err := i.Install(t.Context(), tt.plugin, []string{tt.from})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s", name, err, tt.want)
		}
		if text, _ := os.ReadFile(good); string(text) != plugin("good") {
			t.Errorf("%s: the plugin before is gone", name)
		}
	}
}

func TestInstallCPU(t *testing.T) {
	if !HaveXLA {
		t.Skip("built without cgo")
	}
	files, archive := cpuRelease(t)
	i, server := testInstaller(t, files)
	server.name(archive, digest(files[archive]), len(files[archive]), i.index.github)
	server.cut = map[string]int{archive: 20}
	file, _, err := i.Install(t.Context(), "cpu", nil)
	if err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(file); err != nil || target != "pjrt_c_api_cpu_"+cpuVersion+"_plugin.so" {
		t.Errorf("a link to %q, error %v", target, err)
	}
	if last := server.requests[len(server.requests)-1]; last != archive+" bytes=20-" {
		t.Errorf("the download went on with %q", last)
	}
	if removed, err := i.Remove(t.Context(), "cpu"); err != nil || len(removed) != 3 {
		t.Errorf("removed %q, error %v", removed, err)
	}
}

// TestDownloadChecked: a file that is not the one that the index names is not installed, and nothing of it stays.
func TestDownloadChecked(t *testing.T) {
	if !HaveXLA {
		t.Skip("built without cgo")
	}
	files, archive := cpuRelease(t)
	i, server := testInstaller(t, files)
	right, size := digest(files[archive]), len(files[archive])
	for _, tt := range []struct {
		sum, want string
		size      int
	}{
		{digest("other"), "but the index names " + digest("other"), size},
		{"", "the index names no SHA-256", size},
		{right, "416 Requested Range Not Satisfiable", size + 1},
		{right, fmt.Sprintf("more than the %d bytes", size-1), size - 1},
	} {
		server.name(archive, tt.sum, tt.size, i.index.github)
		if _, _, err := i.Install(t.Context(), "cpu", nil); err == nil || !strings.Contains(err.Error(), tt.want) ||
			Find("cpu") != "" {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
	// What an earlier call left is too long, on a host that knows no ranges; or it is wrong.
	for _, left := range []string{files[archive] + "more", "wrong"} {
		server.name(archive, right, size, i.index.github)
		server.whole = map[string]bool{archive: left != "wrong"}
		save(t, filepath.Join(i.folder(), fetchFolder, filepath.Base(archive)+".part"), left)
		if _, _, err := i.Install(t.Context(), "cpu", nil); err != nil {
			t.Errorf("left %.5q: %v", left, err)
		}
		if _, err := i.Remove(t.Context(), "cpu"); err != nil {
			t.Error(err)
		}
	}
	delete(server.files, archive)
	if _, _, err := i.Install(t.Context(), "cpu", nil); err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("a file that is gone: %v", err)
	}
}

func TestInstallCUDA(t *testing.T) {
	i, server := testInstaller(t, cudaIndex(t))
	var total, shown int64
	i.Progress = func(bytes int64) (func(int64), func()) {
		total = bytes
		return func(bytes int64) { shown = bytes }, func() {}
	}
	save(t, filepath.Join(i.home("cuda"), "cu12", "old"), "") // of another installation
	file, _, err := i.Install(t.Context(), "cuda", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(i.Lib, "go-xla/nvidia/pjrt_c_api_cuda_plugin.so"); file != want || Find("cuda") != want {
		t.Errorf("installed %s, found %s", file, Find("cuda"))
	}
	if total == 0 || shown != total {
		t.Errorf("%d of %d bytes shown", shown, total)
	}
	for path, want := range map[string]string{
		"libcublas.so.13": "blas 13.10", "go-xla/nvidia/cu13/lib/libcublas.so.13": "blas 13.10",
		"go-xla/nvidia/bin/ptxas": "ptxas", "go-xla/nvidia/cu12/old": "", "evil": "", "libcublasLt.so.13": "",
		"go-xla/" + fetchFolder: "", "go-xla/" + newFolder: "", "go-xla/" + oldFolder: "",
	} {
		text, err := os.ReadFile(filepath.Join(i.Lib, path))
		if string(text) != want || want == "" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %q, error %v", path, text, err)
		}
	}
	asked := len(server.requests)
	if _, before, err := i.Install(t.Context(), "cuda", nil); err != nil || !before || len(server.requests) != asked+3 {
		t.Errorf("again: before %v, error %v, asked for %q", before, err, server.requests[asked:])
	}
	if removed, err := i.Remove(t.Context(), "cuda"); err != nil || len(removed) != 3 {
		t.Errorf("removed %q, error %v", removed, err)
	}
}

// TestInstallInterrupted: an interrupted download is no installation, and the next call fetches the rest only.
func TestInstallInterrupted(t *testing.T) {
	i, server := testInstaller(t, cudaIndex(t))
	ctx, cancel := context.WithCancel(t.Context())
	i.Progress = func(int64) (func(int64), func()) { return func(int64) { cancel() }, func() {} }
	if _, _, err := i.Install(ctx, "cuda", nil); !errors.Is(err, context.Canceled) || Find("cuda") != "" {
		t.Fatalf("error %v, plugin %q", err, Find("cuda"))
	}
	i.Progress = func(int64) (func(int64), func()) { return func(int64) {}, func() {} }
	asked := len(server.requests)
	if _, _, err := i.Install(t.Context(), "cuda", nil); err != nil {
		t.Fatal(err)
	}
	for _, request := range server.requests[asked:] {
		if strings.Contains(request, "/packages/jax_cuda13_pjrt") && strings.HasSuffix(request, " ") {
			t.Errorf("fetched again: %q", request)
		}
	}
}

// TestInstallTwiceAtOnce: one waits for the other and finds the plugin there.
func TestInstallTwiceAtOnce(t *testing.T) {
	i, server := testInstaller(t, cudaIndex(t))
	before := make([]bool, 4)
	var all sync.WaitGroup
	for n := range before {
		all.Go(func() {
			other := *i
			var err error
			if _, before[n], err = other.Install(t.Context(), "cuda", nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	installed := 0
	for _, b := range before {
		if !b {
			installed++
		}
	}
	if installed != 1 {
		t.Errorf("%d of %d installed it: %v", installed, len(before), server.requests)
	}
}

// TestNeededLibraries: a library that a plugin is linked with comes along, to where the plugin looks for it.
func TestNeededLibraries(t *testing.T) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("needs gcc")
	}
	dir := t.TempDir()
	build := func(out, code string, args ...string) string {
		source := save(t, filepath.Join(dir, "source.c"), code)
		save(t, filepath.Join(dir, out), "")
		cmd := exec.Command(gcc, append([]string{"-shared", "-fPIC", "-nostdlib", "-o", out, source}, args...)...)
		cmd.Dir = dir
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("gcc: %v\n%s", err, text)
		}
		text, err := os.ReadFile(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	inner := build("x.libs/libinner.so.1", "int inner(void) { return 1; }", "-Wl,-soname,libinner.so.1")
	outer := build("x.libs/libouter.so", "int inner(void); int outer(void) { return inner(); }", "x.libs/libinner.so.1")
	api := build("x/plugin.so", "int outer(void); int GetPjrtApi(void) { return outer(); }", "-Lx.libs", "-louter")
	i, _ := testInstaller(t, nil)
	from := wheel(t, "x-1-any.whl", "x/plugin.so", api, "x.libs/libinner.so.1", inner, "x.libs/libouter.so", outer,
		"x.libs/libunused.so", "")
	if _, _, err := i.Install(t.Context(), "cpu", []string{from}); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{"x.libs/libouter.so": true, "x.libs/libinner.so.1": true,
		"x.libs/libunused.so": false} {
		if _, err := os.Stat(filepath.Join(i.Lib, file)); (err == nil) != want {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, err := i.Remove(t.Context(), "cpu"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(i.Lib, "x.libs")); err == nil {
		t.Error("the libraries stay")
	}
}
