package table

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/parquet/file"
)

// leaf reads the values of a leaf of the schema in one row group.
type leaf interface {
	scalar() (cell, error)
	list() (cell, error)
	more() bool
}

// batchReader is what Arrow's typed column readers have in common.
type batchReader[T any] interface {
	file.ColumnChunkReader
	ReadBatch(size int64, values []T, definition, repetition []int16) (total int64, read int, err error)
}

// typedLeaf reads in small batches, so that a wrong number in a damaged file cannot ask for all the memory. Values are
// the caller's to keep: byte arrays share the memory of their page, which is left to the garbage collector.
type typedLeaf[T any] struct {
	chunk                  batchReader[T]
	cell                   func(T) cell
	number                 func(T) float32 // nil if values are no numbers
	values                 []T
	definition, repetition []int16
	at, levels, value      int // next level, number of levels, next value
	highest, empty         int16
	err                    error
}

func makeLeaf[T any](chunk file.ColumnChunkReader, batch int, cell func(T) cell, number func(T) float32) leaf {
	descriptor := chunk.Descriptor()
	if descriptor.MaxRepetitionLevel() > 0 {
		batch = 1 << 14
	}
	return &typedLeaf[T]{chunk: chunk.(batchReader[T]), cell: cell, number: number, values: make([]T, batch),
		definition: make([]int16, batch), repetition: make([]int16, batch),
		highest: descriptor.MaxDefinitionLevel(), empty: emptyLevel(descriptor.SchemaNode())}
}

// fill makes sure that there is a next level; false at the end and after an error.
func (l *typedLeaf[T]) fill() bool {
	if l.at < l.levels {
		return true
	}
	if l.err != nil || !l.chunk.HasNext() {
		l.err = errors.Join(l.err, l.chunk.Err())
		return false
	}
	total, _, err := l.chunk.ReadBatch(int64(len(l.values)), l.values, l.definition, l.repetition)
	l.at, l.levels, l.value, l.err = 0, int(total), 0, err
	return err == nil && total > 0
}

// end is why there is no next level.
func (l *typedLeaf[T]) end() error {
	if l.err != nil {
		return l.err
	}
	return io.EOF
}

func (l *typedLeaf[T]) more() bool { return l.fill() || l.err != nil }

func (l *typedLeaf[T]) scalar() (cell, error) {
	if !l.fill() {
		return cell{}, l.end()
	}
	l.at++
	if l.definition[l.at-1] < l.highest {
		return cell{}, nil
	}
	l.value++
	return l.cell(l.values[l.value-1]), nil
}

// list assembles a list from values and levels: a new one begins where the repetition level is 0, and holds a value
// where the definition level is the highest.
func (l *typedLeaf[T]) list() (cell, error) {
	if !l.fill() {
		return cell{}, l.end()
	}
	if l.repetition[l.at] != 0 {
		return cell{}, errors.New("a list has no beginning")
	}
	list := cell{form: listForm}
	if l.definition[l.at] < l.empty {
		list.form = nullForm
	}
	if l.definition[l.at] <= l.empty {
		l.at++
		return list, nil
	}
	for first := true; (first || l.fill()) && (first || l.repetition[l.at] != 0); first = false {
		if l.definition[l.at] < l.highest {
			return cell{form: otherForm, name: fmt.Sprintf("a list whose item %d is null", len(list.list)+1)}, l.skipList()
		}
		list.list = append(list.list, l.number(l.values[l.value]))
		l.at++
		l.value++
	}
	return list, l.err
}

// skipList goes to the end of a list that cannot be read.
func (l *typedLeaf[T]) skipList() error {
	for first := true; (first || l.fill()) && (first || l.repetition[l.at] != 0); first = false {
		if l.definition[l.at] == l.highest {
			l.value++
		}
		l.at++
	}
	return l.err
}
