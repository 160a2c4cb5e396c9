package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGenres(t *testing.T) {
	d := &Dataset{Dir: t.TempDir(), Meta: Meta{Title: "Mine"}}
	if _, err := d.Genres(); err == nil || !strings.Contains(err.Error(), "genres.csv is missing: Mine has no genres") {
		t.Errorf("error %v", err)
	}
	for text, want := range map[string]string{
		"id,genre\na,news\nb,\"x,y\"\n": "", "": "expected a header with id and genre", "genre,id\n": "expected a header", "id,genre\na\n": "wrong number of fields",
	} {
		if err := os.WriteFile(filepath.Join(d.Dir, GenreFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		genres, err := d.Genres()
		if want == "" {
			if err != nil || genres["a"] != "news" || genres["b"] != "x,y" {
				t.Errorf("%v, %v", genres, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
