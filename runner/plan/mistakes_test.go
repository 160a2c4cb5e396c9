package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMistakes(t *testing.T) {
	tests := []struct {
		name, suite string
		want        []string
	}{
		{"none", "name: x\nseeds: [1]\nmethods: [lds]\nbenchmarks: [{benchmark: agedb-dir, scale: tiny}]\n", nil},
		{"empty", "", []string{"x.yaml:1: the file is empty"}},
		{"syntax", "name: x\nseeds: [1\nmethods: lds]\n", []string{"x.yaml:1: did not find expected ',' or ']'"}},
		{"fields and types", "name: x\nsedes: [1]\nseeds: none\n", []string{
			"x.yaml:2: field sedes is unknown", "x.yaml:3: none: expected a list"}},
		{"values", `name: "a b"
seeds: [1]
methods: [vanilla, vanila]
benchmarks:
  - benchmark: agedb
    scale: tiny
  - {benchmark: agedb-dir,
     scale: huge,
     methods: [lds,
       ldss]}
  - benchmark: agedb-dir
    scale: tiny
    recipe:
      epoch: 3
  - benchmark: sts-b-dir
    scale: tiny
    recipe: {epochs: 0}
  - benchmark: sts-b-dir
    scale: tiny
    recipe: {lr: .nan}
`, []string{
			`x.yaml:1: name "a b": expected letters, digits, '-', '_' and '.'`,
			`x.yaml:3: method "vanila": `,
			`x.yaml:5: benchmark "agedb": expected one of `,
			`x.yaml:8: scale "huge": expected one of `,
			`x.yaml:10: method "ldss": `,
			`x.yaml:14: recipe: field epoch is unknown`,
			`x.yaml:17: recipe: epochs 0, `,
			`x.yaml:20: recipe: .nan: expected a finite number`,
		}},
		{"missing parts", "name: x\nbenchmarks:\n  - benchmark: agedb-dir\n    scale: tiny\n", []string{
			"x.yaml:1: seeds: expected at least one", "x.yaml:3: methods: expected at least one"}},
		{"no benchmarks", "name: x\nseeds: [1]\n", []string{"x.yaml:1: benchmarks: expected at least one"}},
		{"suites beside", "name: x\nsuites: [smoke]\nseeds: [1]\n", []string{"x.yaml:2: suites: expected no benchmarks"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			_, err := ParseSuite("x.yaml", []byte(tt.suite))
			var mistakes Mistakes
			errors.As(err, &mistakes)
			for i, m := range mistakes {
				line := m.String()
				if i < len(tt.want) && strings.HasPrefix(line, tt.want[i]) {
					line = tt.want[i]
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
