package docs

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/methods"
)

// TestMethodSections looks for a section of docs/methods.md on each registered method, and the other way round. Titles
// are "NAME, NAME: words".
func TestMethodSections(t *testing.T) {
	page := readPage(t, "docs/methods.md")
	page, _, _ = strings.Cut(page, "\n## Compare\n")
	sections := []string{"vanilla"} // has no group
	for _, title := range regexp.MustCompile(`(?m)^### ([^:\n]+)`).FindAllStringSubmatch(page, -1) {
		sections = append(sections, strings.Split(title[1], ", ")...)
	}
	known := methods.Names()
	for _, name := range known {
		if !slices.Contains(sections, name) {
			t.Errorf("docs/methods.md has no section ### %s", name)
		}
	}
	for _, name := range sections {
		if !slices.Contains(known, name) {
			t.Errorf("docs/methods.md: there is no method %s", name)
		}
	}
}

// TestMethodFields looks for each part of a method in docs/adding-a-method.md.
func TestMethodFields(t *testing.T) {
	page := readPage(t, "docs/adding-a-method.md")
	_, page, _ = strings.Cut(page, "\n## What a method may change\n")
	for _, field := range reflect.VisibleFields(reflect.TypeFor[methods.Method]()) {
		if !slices.Contains([]string{"Name", "Summary", "Paper"}, field.Name) && !strings.Contains(page, "`"+field.Name+"`") {
			t.Errorf("docs/adding-a-method.md does not say what %s does", field.Name)
		}
	}
}
