package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

// bomb is a suite whose recipe merges nine times what merges nine times ..., depth levels deep.
func bomb(depth int) string {
	text := testsuite.Text(testsuite.Agedb, "vanilla", "")
	text = text[:strings.Index(text, "    recipe:")] + "    recipe:\n      <<:\n      - &a0 {lr: 1}\n"
	for i := range depth {
		merges := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", ")
		text += fmt.Sprintf("      - &a%d {<<: [%s]}\n", i+1, merges)
	}
	return text
}

// TestParseSuiteAliases refuses what would take forever or the whole stack to follow.
func TestParseSuiteAliases(t *testing.T) {
	recipe := func(field string) string { return testsuite.Text(testsuite.STSB, "vanilla", ", "+field) }
	tests := []struct{ name, text, want string }{
		{"mapping that merges itself", recipe("image: &a {<<: *a}"), "anchor 'a' value contains itself"},
		{"merges itself in a list", recipe("image: &a {<<: [*a]}"), "anchor 'a' value contains itself"},
		{"list in itself", recipe("inv_clip: &a [*a, *a]"), "a list: expected a whole number"},
		{"merges of merges", bomb(12), "excessive aliasing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseSuite("s.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

// FuzzParseSuite looks for text that makes the parser, or the hash of what it accepts, panic.
func FuzzParseSuite(f *testing.F) {
	for _, name := range configs.Names() {
		content, err := configs.Read(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, text := range []string{
		testsuite.Text(testsuite.Agedb, "vanilla, rrt+lds", ", lr: 0.1"),
		testsuite.Text(testsuite.STSB, "lds+fds", ", lds: {kind: laplace, size: 3, sigma: 1}"),
		"name: x\nseeds: [1]\nbenchmarks:\n- <<: {benchmark: agedb-dir}\n  recipe: {clip_norm: .inf}\n",
		"name: x\nseeds: [1]\nbenchmarks:\n- &a {benchmark: agedb-dir, scale: tiny, recipe: *a}\n",
		"a: &a [*a]\n",
		testsuite.Text(testsuite.STSB, "vanilla", ", image: &a {<<: *a}"),
		"&a {<<: *a}\n",
		"? [1]\n: !!binary \"\xff\"\n",
		"name: x\nbenchmarks: &a [{benchmark: 1, recipe: {lr: .nan}}, *a]\n",
		"name: x\n<<: {seeds: [x]}\nbenchmarks: [{<<: {scale: 3}}]\n",
		"name: x\nseeds: [1]\nmethods: [lds]\nbenchmarks: [{benchmark: agedb-dir, scale: tiny, sweep: {lds: {size: [5, " +
			"4]}, fds: {sigma: [.nan]}}}]\n",
		"<<: {[0]}\nbenchmarks: [{<<, {0}}]",
		"!0%0A",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		suite, err := ParseSuite("fuzz.yaml", content)
		if err != nil {
			var mistakes Mistakes
			if !errors.As(err, &mistakes) || len(mistakes) == 0 {
				t.Fatalf("error %v of type %T", err, err)
			}
			for _, m := range mistakes {
				if m.Line < 1 || m.Message == "" || strings.Contains(m.Message, "\n") {
					t.Errorf("%+v", m)
				}
			}
			return
		}
		for _, e := range suite.Entries {
			_ = Config{Recipe: e.recipe}.Hash()
		}
	})
}
