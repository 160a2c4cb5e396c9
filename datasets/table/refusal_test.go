package table

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// A null in a list is no 0.
func TestNullsInListsOfText(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\"[1,null]\"\n":    `in:2: column "a" is "[1,null]": expected a list of numbers, such as [0.5, 1]`,
		"{\"a\": [1, null]}\n": `in:1: column "a" is a list that does not hold numbers only: expected a list of numbers`,
	} {
		f, err := OpenText("in", strings.NewReader(text), Column{Name: "a", Kind: Numbers})
		if err == nil {
			_, err = f.Next()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestColumnsOfOneName(t *testing.T) {
	ones := arrowColumn(t, arrow.PrimitiveTypes.Float32, "[1]")
	field := arrow.Field{Name: "c", Type: ones.DataType(), Nullable: true}
	record := array.NewRecord(arrow.NewSchema([]arrow.Field{field, field}, nil), []arrow.Array{ones, ones}, 1)
	for name, data := range map[string][]byte{"a.arrow": asArrow(t, record), "a.parquet": asParquet(t, record)} {
		want := name + `: column "c" is there 2 times: rename all but one`
		if _, err := column(name, data, Number); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
