package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// readmeLimit is what people read to the end, in bytes.
const readmeLimit = 8000

// checkReadme holds the README to its length, its table to the methods of the suite tabular, and its commands to the
// program's flags.
func checkReadme(t *testing.T) {
	readme := readPage(t, "README.md")
	if len(readme) > readmeLimit {
		t.Errorf("README.md has %d bytes, expected at most %d: move text to docs/", len(readme), readmeLimit)
	}
	_, table, found := strings.Cut(readme, "<!-- tabular: ci/tabular.sh --update writes this table -->\n")
	table, _, ended := strings.Cut(table, "<!-- tabular end -->")
	for _, method := range []string{"vanilla", "lds", "fds", "smogn"} {
		if !found || !ended || !strings.Contains(table, "| "+method+" ") {
			t.Errorf("README.md: its table has no row %s: run ci/tabular.sh --update", method)
		}
	}
	list, err := blocks(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		if err := b.checkFlags(); err != nil {
			t.Errorf("README.md:%d: %v", b.line, err)
		}
	}
}

// checkFlags asks the help of each dirbench command of a block whether the command and its flags exist.
func (b block) checkFlags() error {
	for _, command := range regexp.MustCompile(`[\n|&]+`).Split(b.text, -1) {
		command, _, _ = strings.Cut(command, " #")
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(command), "./"))
		if len(words) < 2 || words[0] != "dirbench" {
			continue
		}
		if err := hasFlags(words); err != nil {
			return err
		}
	}
	return nil
}

func hasFlags(words []string) error {
	var path, flags []string
	for _, word := range words[1:] {
		if word == "--" {
			break
		}
		if name, _, _ := strings.Cut(word, "="); strings.HasPrefix(name, "-") {
			flags = append(flags, name)
		} else if len(flags) == 0 {
			path = append(path, word)
		}
	}
	help, err := exec.Command("dirbench", append(path, "--help")...).Output()
	if err != nil || len(path) > 0 && !strings.Contains(string(help), "\n  dirbench "+path[0]) {
		return fmt.Errorf("%s: no such command", strings.Join(words, " "))
	}
	for _, flag := range flags {
		if !regexp.MustCompile(`(?m)^ +(-\w, +)?` + flag + `\b|^ +` + flag + `, `).Match(help) {
			return fmt.Errorf("%s: the command has no flag %s", strings.Join(words, " "), flag)
		}
	}
	return nil
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)|<img src="([^"]+)"`)
	letter = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks follows the links between the repository's own pages, to headings too.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, _ := filepath.Glob(root + "/benchmarks/*.md")
	top, _ := filepath.Glob(root + "/*.md")
	for _, page := range append(append(pages, more...), top...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			if target := found[1] + found[2]; !strings.Contains(target, "://") && !reaches(page, target) {
				t.Errorf("%s: the link %s leads nowhere", page, target)
			}
		}
	}
}

// reaches reports whether a page's link leads to a file, and to a heading of it if it names one.
func reaches(page, target string) bool {
	file, heading, named := strings.Cut(target, "#")
	path := page
	if file != "" {
		path = filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
	}
	if !named {
		_, err := os.Stat(path)
		return err == nil
	}
	text, _ := os.ReadFile(path) // a file that is missing has no headings
	for line := range strings.Lines(string(text)) {
		if title := strings.TrimLeft(line, "#"); title != line && anchor(title) == heading {
			return true
		}
	}
	return false
}

// anchor is the name that GitHub gives a heading.
func anchor(title string) string {
	return strings.ReplaceAll(letter.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-")
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
