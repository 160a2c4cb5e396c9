package execute

import (
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestDivide(t *testing.T) {
	// Eight logical processors of four cores, numbered as Linux does: n and n+4 are one core.
	coreOf := func(n int) [2]int { return [2]int{n % 4 / 2, n % 2} }
	for workers, want := range map[int][][]int{
		1: {{0, 4, 1, 5, 2, 6, 3, 7}},
		2: {{0, 4, 1, 5}, {2, 6, 3, 7}},
		3: {{0, 4}, {1, 5, 2}, {6, 3, 7}},
	} {
		if got := divide([]int{0, 1, 2, 3, 4, 5, 6, 7}, coreOf, workers); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: %v, want %v", workers, got, want)
		}
	}
	if got := divide([]int{3, 5}, coreOf, 3); len(got) != 3 || len(got[0]) != 1 || len(got[2]) != 1 {
		t.Errorf("three workers on two processors: %v", got)
	}
}

// TestStartOn: a process runs where it is told to, and whoever starts it goes on everywhere.
func TestStartOn(t *testing.T) {
	parts := DivideCores(2)
	if len(parts) != 2 {
		t.Fatalf("parts %v", parts)
	}
	for _, processors := range parts {
		var text strings.Builder
		cmd := exec.Command("grep", "Cpus_allowed_list", "/proc/self/status")
		cmd.Stdout = &text
		if err := startOn(cmd, processors[:1]); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Skip(err)
		}
		if fields := strings.Fields(text.String()); len(fields) != 2 || fields[1] != strconv.Itoa(processors[0]) {
			t.Errorf("on processor %d: %s", processors[0], text.String())
		}
	}
	if after := DivideCores(2); !reflect.DeepEqual(parts, after) {
		t.Errorf("afterwards %v, before %v", after, parts)
	}
}
