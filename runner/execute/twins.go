package execute

import (
	"errors"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/runner/plan"
)

// MakeTwins makes the synthetic twins that [plan.Twins] found missing, and says so in a line for each.
func MakeTwins(twins []plan.Twin, note func(string)) error {
	for _, t := range twins {
		note("making the synthetic twin " + filepath.Base(t.Dir))
		err := twin.Write(t.Dir, t.Dataset, t.Options, false)
		if err != nil && !errors.Is(err, datasets.ErrExists) { // else another process was faster
			return err
		}
	}
	return nil
}
