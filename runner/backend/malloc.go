package backend

import "os"

// keptMemory are settings of glibc's malloc. XLA on a CPU allocates the results of every step anew. By default glibc
// gives large blocks back to the kernel, which then clears their pages again: a quarter of the time of a step. Other
// arenas than the first are too small for large blocks.
var keptMemory = []string{
	"MALLOC_ARENA_MAX=1",
	"MALLOC_MMAP_MAX_=0",                         // no block is a mapping of its own
	"MALLOC_TRIM_THRESHOLD_=4611686018427387904", // nothing is given back
	"MALLOC_TOP_PAD_=67108864",
}

// Environment returns the environment of a child process that trains: this one's, with a malloc that keeps its memory
// unless MALLOC_ARENA_MAX is set. glibc reads it before the program begins; other systems ignore it.
func Environment() []string {
	env := os.Environ()
	if _, set := os.LookupEnv("MALLOC_ARENA_MAX"); set {
		return env
	}
	return append(env, keptMemory...)
}
