package train

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
)

// bucketWindow is the number of batches among which rows are exchanged.
const bucketWindow = 16

// bucket changes a shuffled order so that the rows of a batch have similar lengths: it sorts a window of some batches at a time by
// length, and then shuffles the batches. A last batch that is smaller stays the last, of the rows that chance gave it.
func bucket(order []int, size int, lengths []int, random *rand.Rand) {
	batches := len(order) / size
	for first := 0; first < batches; first += bucketWindow {
		window := order[first*size : min(first+bucketWindow, batches)*size]
		slices.SortStableFunc(window, func(a, b int) int { return cmp.Compare(lengths[a], lengths[b]) })
	}
	random.Shuffle(batches, func(i, j int) {
		for k := range size {
			order[i*size+k], order[j*size+k] = order[j*size+k], order[i*size+k]
		}
	})
}

// byLength returns the rows of a split from the shortest to the longest, or as they are if they have no lengths.
func byLength(task task.Task, split datasets.Split) []int {
	rows := allRows(task.Split(split).Len())
	if lengths := task.Split(split).Lengths; lengths != nil {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(lengths[a], lengths[b]) })
	}
	return rows
}
