package plan

import (
	"fmt"
	"regexp"
	"strconv"
)

// Shard is one of several parts of a plan that are executed without knowing of each other.
type Shard struct{ Index, Count int } // Index counts from 0

var shardForm = regexp.MustCompile(`^(\d{1,6})/(\d{1,6})$`)

// ParseShard reads "I/N", which counts from 0/N to N-1/N. The error is a [SelectionError].
func ParseShard(text string) (Shard, error) {
	if m := shardForm.FindStringSubmatch(text); m != nil {
		index, _ := strconv.Atoi(m[1])
		count, _ := strconv.Atoi(m[2])
		if index < count {
			return Shard{index, count}, nil
		}
	}
	return Shard{}, SelectionError{fmt.Errorf("shard %q: expected I/N with I from 0 to N-1, such as 0/4", text)}
}

// Of returns the runs of the shard, in the order of the plan. Runs that share a first stage stay together with it, since
// nobody else would make it.
func (s Shard) Of(plan []*Run) []*Run {
	groups := map[*Run]int{}
	var part []*Run
	for _, run := range plan {
		root := run
		for root.First != nil {
			root = root.First
		}
		if _, known := groups[root]; !known {
			groups[root] = len(groups)
		}
		if groups[root]%s.Count == s.Index {
			part = append(part, run)
		}
	}
	return part
}
