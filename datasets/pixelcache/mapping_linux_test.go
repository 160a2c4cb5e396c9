package pixelcache

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestCutOffWhileMapped: the kernel would end a process that reads beyond the end of a mapped file.
func TestCutOffWhileMapped(t *testing.T) {
	var m maker
	spec := m.spec(made(t, testRows), testSize)
	r := open(t, spec)
	if err := os.Truncate(spec.path(), headerSize); err != nil {
		t.Fatal(err)
	}
	checkRecords(t, r)
	if len(m.notes) != 1 || !strings.Contains(m.notes[0], "cannot be read any more") {
		t.Errorf("notes %q", m.notes)
	}
}

// TestResidentMemory reads a file larger than residentLimit at random and looks how much of it is in the process's
// memory.
func TestResidentMemory(t *testing.T) {
	const size = 100_000
	var m maker
	spec := m.spec(made(t, 3*residentLimit/size), size)
	r := open(t, spec)
	before, into := mappedMemory(t), make([]byte, size)
	for _, row := range rand.New(rand.NewPCG(1, 1)).Perm(r.Len()) {
		r.WillNeed([]int{row})
		if err := r.Read(row, into); err != nil {
			t.Fatal(err)
		}
		if grown := mappedMemory(t) - before; grown > residentLimit*5/4 {
			t.Fatalf("%d MiB of the file are in memory, want at most %d", grown>>20, residentLimit>>20)
		}
	}
}

// mappedMemory returns the bytes of mapped files that are in the process's memory.
func mappedMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(status), "RssFile:")
	var kib int
	if _, err := fmt.Sscan(rest, &kib); !ok || err != nil {
		t.Skip("the kernel does not tell RssFile")
	}
	return kib << 10
}
