package execute

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// DivideCores divides the logical processors that this process may use among workers, so that the threads of one do not
// take turns with those of another. Those of one core stay together. With more workers than processors, some share one.
func DivideCores(workers int) [][]int {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return nil
	}
	var list []int
	for n := range 64 * len(allowed) {
		if allowed.IsSet(n) {
			list = append(list, n)
		}
	}
	return divide(list, coreOf, workers)
}

// divide orders processors by core and cuts them into as many parts as there are workers.
func divide(processors []int, coreOf func(int) [2]int, workers int) (parts [][]int) {
	n := len(processors)
	slices.SortStableFunc(processors, func(a, b int) int {
		x, y := coreOf(a), coreOf(b)
		return slices.Compare(x[:], y[:])
	})
	for worker := range workers {
		begin, end := worker*n/workers, (worker+1)*n/workers
		if begin == end {
			begin, end = worker%n, worker%n+1
		}
		parts = append(parts, processors[begin:end:end])
	}
	return parts
}

// coreOf returns the package and the core of a logical processor, zeros if they are unknown.
func coreOf(processor int) (core [2]int) {
	for i, name := range []string{"physical_package_id", "core_id"} {
		text, _ := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/%s", processor, name))
		core[i], _ = strconv.Atoi(cmp.Or(strings.TrimSpace(string(text)), "0"))
	}
	return core
}

// startOn starts a command on the given processors; none: on all. A process inherits those of the thread that starts
// it.
func startOn(cmd *exec.Cmd, processors []int) error {
	var before, wanted unix.CPUSet
	for _, n := range processors {
		wanted.Set(n)
	}
	if len(processors) == 0 || unix.SchedGetaffinity(0, &before) != nil {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer func() {
		if unix.SchedSetaffinity(0, &before) == nil {
			runtime.UnlockOSThread() // else the thread ends with its goroutine
		}
	}()
	_ = unix.SchedSetaffinity(0, &wanted) // where it is not allowed, the command runs on all
	return cmd.Start()
}
