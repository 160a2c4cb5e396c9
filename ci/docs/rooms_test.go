package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRooms compares docs/design.md's table of rooms with the folders that hold Go packages. Folders named internal and
// main programs inside a room are that room's own affair.
func TestRooms(t *testing.T) {
	_, rooms, _ := strings.Cut(readPage(t, "docs/design.md"), "\n## Rooms\n")
	rooms, _, _ = strings.Cut(rooms, "\n| you look for ")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([\\w/]+)`").FindAllStringSubmatch(rooms, -1) {
		listed = append(listed, row[1])
	}
	packages := packageFolders(t)
	for _, room := range listed {
		if !slices.Contains(packages, room) {
			t.Errorf("docs/design.md: the room %s has no package", room)
		}
	}
	for _, folder := range packages {
		if !slices.Contains(listed, folder) {
			t.Errorf("docs/design.md: the table of rooms lacks %s", folder)
		}
	}
}

func packageFolders(t *testing.T) (folders []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		if err == nil && d.IsDir() && (name == "internal" || name == "testdata" || strings.HasPrefix(name, ".") &&
			path != root) {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(name, ".go") {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if folder = filepath.ToSlash(folder); err == nil && !slices.Contains(folders, folder) && isRoom(path, folder) {
			folders = append(folders, folder)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// isRoom leaves out programs outside cmd, such as generators, and packages for tests.
func isRoom(path, folder string) bool {
	text, err := os.ReadFile(path)
	program := regexp.MustCompile(`(?m)^package main$`).Match(text) && !strings.HasPrefix(folder, "cmd/")
	return err == nil && !program && !strings.HasSuffix(folder, "test")
}
