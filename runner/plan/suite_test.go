package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
)

func TestParseSuite(t *testing.T) {
	suite := parseSuite(t, `
name: mine
seeds: [0, 7]
methods: [vanilla, lds]
benchmarks:
  - {benchmark: agedb-dir, scale: tiny, twin: {}}
  - {benchmark: sts-b-dir, scale: small, methods: [rrt], recipe: {lr: 0.5, text: {hidden: 3}}}
`)
	if suite.Fidelity != task.Paper {
		t.Errorf("semantics %q by default, want paper", suite.Fidelity)
	}
	age, pairs := suite.Entries[0], suite.Entries[1]
	if age.Dataset != "agedb-twin" || pairs.Dataset != "sts-b" {
		t.Errorf("datasets %q and %q, want agedb-twin and sts-b", age.Dataset, pairs.Dataset)
	}
	if len(age.methods) != 2 || len(pairs.methods) != 1 || pairs.methods[0].String() != "rrt" {
		t.Errorf("methods %v and %v, want the suite's two and rrt", age.methods, pairs.methods)
	}
	// Fields that the overlay does not name keep the scale's values.
	if r := pairs.recipe; r.LR != 0.5 || r.BatchSize != 128 || r.Text.Hidden != 3 || r.Text.Embedding != 100 {
		t.Errorf("recipe %+v with %+v: want lr 0.5 and hidden 3 over the scale small", r, r.Text)
	}
}

// TestAllMethods: "all" is every registered method, in a list of methods or in its place; what the list has with
// settings of its own it leaves out.
func TestAllMethods(t *testing.T) {
	suite := parseSuite(t, `
name: mine
seeds: [0]
methods: all
benchmarks:
  - {benchmark: agedb-dir, scale: tiny, twin: {}}
  - {benchmark: sts-b-dir, scale: tiny, twin: {}, methods: [all, lds+fds, {ranksim: {gamma: 2}}]}
`)
	named := func(e Entry) (names []string) {
		for _, m := range e.methods {
			names = append(names, m.String())
		}
		return names
	}
	if diff := cmp.Diff(methods.Names(), named(suite.Entries[0])); diff != "" {
		t.Errorf("all (-want +got)\n%s", diff)
	}
	want := slices.DeleteFunc(methods.Names(), func(name string) bool { return name == "ranksim" })
	if diff := cmp.Diff(append(want, "lds+fds", "ranksim(gamma=2)"), named(suite.Entries[1])); diff != "" {
		t.Errorf("a list with all (-want +got)\n%s", diff)
	}
}

// TestAbsences: methods that a benchmark cannot have are left out, one line for each reason.
func TestAbsences(t *testing.T) {
	suite := parseSuite(t, `
name: mine
seeds: [0, 1]
methods: all
benchmarks: [{benchmark: nyud2-dir, scale: tiny}]
`)
	absent := Absences([]*Suite{suite}, Options{})
	reasons := map[string]string{}
	for _, a := range absent {
		for _, m := range a.Methods {
			if reasons[m] != "" {
				t.Errorf("%s is left out twice", m)
			}
			reasons[m] = a.Reason
		}
	}
	for _, m := range methods.All() {
		want := ""
		if err := m.Refusal(suite.Entries[0].benchmark.Traits("tiny")); err != nil {
			want = err.Error()
		}
		if reasons[m.Name] != want {
			t.Errorf("%s: left out because %q, want %q", m.Name, reasons[m.Name], want)
		}
	}
}

func TestParseSuiteErrors(t *testing.T) {
	const head = "name: x\nseeds: [0]\nmethods: [vanilla]\nbenchmarks:\n- benchmark: agedb-dir\n  scale: tiny\n"
	tests := []struct{ name, text, want string }{
		{"empty", "\n", "s.yaml:1: the file is empty"},
		{"no YAML", "name: x\n  seeds: [1]\n", "s.yaml:2: mapping values are not allowed"},
		{"second document", head + "---\n" + head, "s.yaml:7: a second YAML document begins: expected one suite in a file"},
		{"damaged second document", head + "---\na: [", "a second YAML document begins"},
		{"a list", "- 1\n", "s.yaml:1: a list: expected fields, each NAME: VALUE"},
		{"unknown field", "name: x\nsedes: [1]\n",
			"s.yaml:2: field sedes is unknown: expected one of name, summary, semantics, seeds, "},
		{"field given twice", "name: x\nname: y\n", `s.yaml:2: mapping key "name" already defined at line 1`},
		{"wrong type", "name: x\nseeds: abc\n", "s.yaml:2: abc: expected a list"},
		{"methods are no list", "name: x\nseeds: [0]\nmethods: lds\n", "s.yaml:3: lds: expected a list"},
		{"methods are fields", "name: x\nseeds: [0]\nmethods: {ranksim: {gamma: 50}}\n", "s.yaml:3: fields: expected a list"},
		{"method is a list", "name: x\nmethods:\n- [lds]\n",
			"s.yaml:3: methods: expected a name, or {NAME: {SETTING: VALUE}}"},
		{"method is nothing", "name: x\nmethods:\n- vanilla\n-\n",
			"s.yaml:4: methods: expected a name, or {NAME: {SETTING: VALUE}}"},
		{"fraction of heads", strings.Replace(head, "vanilla", "{uvote: {heads: 2.5}}", 1),
			"s.yaml:3: method \"uvote(heads=2.5)\": setting heads of uvote: 2.5: expected a whole number"},
		{"word for a truth value", head + "  recipe: {fds: {pool_ends: maybe}}\n",
			"s.yaml:7: recipe: maybe: expected true or false"},
		{"list for a name", head + "  recipe: {fds: {features: [raw]}}\n", "s.yaml:7: recipe: a list: expected one value"},
		{"word for a rate", head + "  recipe: {lr: fast}\n", "s.yaml:7: recipe: fast: expected a number"},
		{"large number", head + "  recipe: {epochs: 1e30}\n", "s.yaml:7: recipe: 1e30: expected a whole number"},
		{"fractional seed", "name: x\nseeds: [1.5]\n", "s.yaml:2: 1.5: expected a whole number"},
		{"no name", "seeds: [1]\n", `name "": expected letters`},
		{"name with a slash", "name: a/b\n", `name "a/b": expected letters`},
		{"hidden name", "name: .a\n", `name ".a": expected letters`},
		{"semantics", "name: x\nsuites: [smoke]\nsemantics: exact\n",
			`s.yaml:3: semantics "exact": expected paper or official`},
		{"no benchmark", "name: x\nseeds: [1]\n", "benchmarks: expected at least one"},
		{"no seed", "name: x\nseeds: []\nbenchmarks: [{benchmark: agedb-dir}]\n", "seeds: expected at least one"},
		{"no method", "name: x\nseeds: [1]\nbenchmarks: [{benchmark: agedb-dir, scale: tiny}]\n",
			"methods: expected at least one"},
		{"unknown method", strings.Replace(head, "vanilla", "vanila", 1), `s.yaml:3: method "vanila"`},
		{"unknown benchmark", strings.Replace(head, "agedb-dir", "agedb", 1),
			`benchmark "agedb": expected one of imdb-wiki-dir, agedb-dir, `},
		{"unknown scale", strings.Replace(head, "tiny", "tin", 1), `scale "tin": expected one of tiny, small, full`},
		{"unknown recipe field", head + "  recipe:\n    epoch: 3\n", "s.yaml:8: recipe: field epoch is unknown"},
		{"unknown nested field", head + "  recipe:\n    image:\n      sise: 3\n", "s.yaml:9: recipe: field sise is unknown"},
		{"recipe is a number", head + "  recipe: 5\n", "s.yaml:7: recipe: 5: expected fields, each NAME: VALUE"},
		{"recipe of wrong type", head + "  recipe: {epochs: many}\n", "s.yaml:7: recipe: many: expected a whole number"},
		{"fractional epochs", head + "  recipe:\n    epochs: 2.5\n", "s.yaml:8: recipe: 2.5: expected a whole number"},
		{"infinite rate", head + "  recipe: {lr: .inf}\n", "s.yaml:7: recipe: .inf: expected a finite number"},
		{"NaN in a list", head + "  recipe: {fds: {clip: [.nan, 1]}}\n", "s.yaml:7: recipe: .nan: expected a finite number"},
		{"unknown field behind an alias", "name: x\nseeds: [0]\nmethods: [vanilla]\nbenchmarks:\n- &e {benchmark: " +
			"agedb-dir, scale: tiny, recipe: &r {lr: 1, epoch: 3}}\n" +
			"- {benchmark: agedb-dir, scale: tiny, recipe: *r}\n", "field epoch is unknown"},
		{"NaN behind a merge key", head + "  recipe: &r {weight_decay: .nan}\n- {benchmark: agedb-dir, scale: tiny, " +
			"recipe: {<<: *r}}\n",
			".nan: expected a finite number"},
		{"NaN behind a list of merges", head + "  recipe: &r {weight_decay: .nan}\n- {benchmark: agedb-dir, scale: tiny, " +
			"recipe: {<<: [*r]}}\n",
			".nan: expected a finite number"},
		{"unknown field behind a merge key", head + "- {benchmark: agedb-dir, scale: tiny, recipe: {<<: {epoch: 3}}}\n",
			"field epoch is unknown"},
		{"short list", head + "  recipe: {inv_clip: [1]}\n", "s.yaml:7: recipe: 1 values: expected 2"},
		{"epochs", head + "  recipe: {epochs: 0}\n", "recipe: epochs 0, retrain_epochs 20: expected at least 1"},
		{"no input section", head + "  recipe: {image: null}\n", "recipe: agedb-dir has the section image and no other"},
		{"selection split", head + "  recipe: {selection: test}\n",
			`recipe: selection "test": expected val or official-test`},
		{"selection metric", head + "  recipe: {selection: {metric: brmse}}\n",
			`recipe: selection: metric "brmse": expected one of mae, `},
		{"selection field", head + "  recipe: {selection: {by: mae}}\n", "s.yaml:7: recipe: field by is unknown"},
		{"twin size", head + "  twin: {size: 3}\n", "twin agedb: size 3: expected 200 to "},
		{"general without a dataset", strings.Replace(head, "agedb-dir", "image", 1),
			"s.yaml:5: dataset is missing: benchmark image has none of its own: name a prepared one"},
		{"general with a twin", strings.Replace(head, "agedb-dir", "image", 1) + "  dataset: x\n  twin: {}\n",
			"twin: image has no synthetic twin"},
		{"unknown twin field", head + "  twin: {rows: 3}\n", "s.yaml:7: field rows is unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseSuite("s.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q in it", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "s.yaml:") {
				t.Errorf("error %q: want one line that names the file", err)
			}
		})
	}
}

// TestParseSuiteMergeKey keeps YAML's own way to share fields between entries.
func TestParseSuiteMergeKey(t *testing.T) {
	suite := parseSuite(t, `
name: x
seeds: [0]
methods: [vanilla]
benchmarks:
  - &age {benchmark: agedb-dir, scale: tiny}
  - <<: *age
    dataset: other
`)
	if got := suite.Entries[1]; got.Scale != "tiny" || got.Dataset != "other" {
		t.Errorf("second entry %s of %s, want scale tiny of other", got.Scale, got.Dataset)
	}
}
