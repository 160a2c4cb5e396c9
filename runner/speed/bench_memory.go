package speed

import (
	"bytes"
	"os"
	"strconv"
)

// peakMemory returns the most resident memory that the process has had, in bytes, where the system tells it; else 0.
func peakMemory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if fields := bytes.Fields(line); len(fields) >= 2 && string(fields[0]) == "VmHWM:" {
			kibibytes, _ := strconv.ParseUint(string(fields[1]), 10, 64)
			return kibibytes << 10
		}
	}
	return 0
}
