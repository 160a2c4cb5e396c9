package store

import (
	"fmt"
	"os"
	"time"
)

// staleAfter is the age of a claim's last beat, by the clocks of two machines, from which its run counts as stale in
// reports. Whether a run may be taken over is decided with more care; see [ClaimWatch].
const staleAfter = 10 * ClaimLife

// checkClaim makes a run stale that is running by its status but whose process is gone.
func (r *Run) checkClaim() {
	if r.Status.State != Running {
		return
	}
	claim, err := currentClaim(r.Dir)
	if err != nil {
		return
	}
	switch {
	case claim.Number == 0:
		r.Status.Message = "no process works on it"
	case claim.Holder.gone():
		r.Status.Message = fmt.Sprintf("process %d, which worked on it, is gone", claim.Holder.PID)
	default:
		info, err := os.Stat(claimPath(r.Dir, claim.Number))
		if err != nil || time.Since(info.ModTime()) < staleAfter {
			return
		}
		r.Status.Message = fmt.Sprintf("no sign of process %d on %s since %s",
			claim.Holder.PID, claim.Holder.Host, info.ModTime().UTC().Format(time.DateTime))
	}
	r.Status.State = Stale
}
