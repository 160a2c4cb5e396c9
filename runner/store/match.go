package store

import (
	"path"
	"strings"
)

// MatchName reports whether a glob matches a name of parts such as BENCHMARK/METHOD/seed=N. A pattern of fewer parts matches
// whatever follows: agedb-dir/lds all seeds, agedb-dir all methods. A malformed pattern matches nothing; see [path.Match].
func MatchName(pattern, name string) bool {
	globs, parts := strings.Split(pattern, "/"), strings.Split(name, "/")
	if len(globs) > len(parts) {
		return false
	}
	for i, glob := range globs {
		if ok, err := path.Match(glob, parts[i]); !ok || err != nil {
			return false
		}
	}
	return true
}
