package runner

import (
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/runner/store"
)

// failedForGood reports whether another attempt would end as the last one did: training that diverged, a mistake of the
// program unless it was built anew, and a run that took too long before it had anything to go on from. Whatever
// hangs on data, memory, disk or a first stage may go better next time.
func failedForGood(there store.Run) bool {
	switch {
	case there.Status.State == store.Timeout:
		_, err := os.Stat(filepath.Join(there.Dir, store.ResumeDir))
		return err != nil
	case there.Status.State != store.Failed:
		return false
	case there.Status.Class == failPanic:
		return there.Manifest.Program == program()
	}
	return there.Status.Class == failNaN
}
