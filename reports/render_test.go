package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/dirbench/dirbench/runner/store"
)

// nasty is a name with what any of the formats reads as markup, and letters of other scripts.
const nasty = "a|b&c%d_e<b>#$^~{f}\\`g`*h*\"i\"\x1b[31m, é数Ж\r\n[j]"

// nastyReport is a report with such names everywhere, seeds enough for marks, and a run that failed.
func nastyReport(t *testing.T) Report {
	t.Helper()
	runs := []store.Run{failed(testRun(nasty, 3, 0, 0, 0), store.Failed, "nan")}
	for seed := range int64(3) {
		runs = append(runs, testRun("vanilla", seed, 6, 8, 12+float64(seed)),
			testRun(nasty, seed, 6.5, 7, 9+1.1*float64(seed)))
	}
	runs = change(runs, func(r *store.Run) {
		r.Manifest.Dataset.Title, r.Manifest.Dataset.Name, r.Manifest.Note = "Ages "+nasty, nasty, nasty
		r.Manifest.Dataset.Twin = true
		r.Manifest.Config = json.RawMessage(fmt.Sprintf(`{"seed": %d}`, r.Manifest.Seed))
	})
	report, err := New(runs, nil, Options{Interval: IntervalT, Baseline: "vanilla"})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestFormats(t *testing.T) {
	for _, f := range Formats {
		for _, ansi := range []bool{false, true} {
			ending := f.Extension
			if f.Name == "term" {
				ending = map[bool]string{false: ".term", true: ".ansi"}[ansi]
			}
			t.Run(ending, func(t *testing.T) {
				var got bytes.Buffer
				if err := f.Write(&got, nastyReport(t).Document(), ansi); err != nil {
					t.Fatal(err)
				}
				checkFile(t, filepath.Join("testdata", "rendered"+ending), got.String())
			})
		}
	}
}

// TestLaTeXEscapes: once the commands that the renderer writes are gone, nothing is left that LaTeX would act upon,
// except the ampersands and line ends of the table itself.
func TestLaTeXEscapes(t *testing.T) {
	left := EscapeLaTeX(nasty + "±↓↑—–…▲▼² [-1.5, -2] --json")
	if !strings.HasSuffix(left, "[$-$1.5, $-$2] -{}-json") {
		t.Errorf("signs and hyphens in %s", left)
	}
	for _, command := range []string{`\textbackslash{}`, `\textasciicircum{}`, `\textbar{}`, `\textasciigrave{}`,
		`\ldots{}`,
		`$-$`, `$\sim$`, `$<$`, `$>$`, `$\pm$`, `$\downarrow$`, `$\uparrow$`, `$\blacktriangle$`, `$\blacktriangledown$`,
		`$^2$`,
		`\{`, `\}`, `\$`, `\&`, `\#`, `\%`, `\_`, "{}"} {
		if !strings.Contains(left, command) {
			t.Errorf("%s is missing in %s", command, left)
		}
		left = strings.ReplaceAll(left, command, "")
	}
	if i := strings.IndexAny(left, "\\{}$&#%_^~<>|`\"\x1b\n"); i >= 0 {
		t.Errorf("%q is left in %q", left[i], left)
	}
}

// TestHTMLNames: a browser reads the names as text, and finds no element or attribute that the renderer did not write.
func TestHTMLNames(t *testing.T) {
	fragment, err := HTML(nastyReport(t).Document().Sheets()[0])
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(fragment)))
	if err != nil {
		t.Fatal(err)
	}
	elements, rowHeaders := map[string]int{}, []string{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		elements[n.Data]++
		for _, a := range n.Attr {
			if a.Key == "scope" && a.Val == "row" {
				rowHeaders = append(rowHeaders, n.FirstChild.Data)
			}
		}
	}
	if elements["b"] > 0 || elements["caption"] != 1 || elements["table"] != 1 {
		t.Errorf("elements %v", elements)
	}
	// A parser of HTML normalises line ends only.
	want := []string{"vanilla", strings.ReplaceAll(nasty, "\r\n", "\n")}
	if diff := cmp.Diff(want, rowHeaders); diff != "" {
		t.Errorf("row headers (-want +got):\n%s", diff)
	}
}

// checkFile compares a text with a golden file.
func checkFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); go test -update accepts it:\n%s", path, diff)
	}
}
