//go:build cgo

#include <malloc.h>
#include <stdlib.h>

// XLA on a CPU allocates the results of every step anew. By default glibc gives large blocks back to the kernel, which then clears
// their pages again: a quarter of the time of a step. Other arenas than the first are too small for large blocks, and a thread
// keeps the arena that it has, so that this comes before any other thread. Whoever sets MALLOC_ARENA_MAX decides for himself.
__attribute__((constructor)) static void keep_memory(void) {
#ifdef __GLIBC__
	if (getenv("MALLOC_ARENA_MAX") != NULL)
		return;
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_MAX, 0);        // no block is a mapping of its own
	mallopt(M_TRIM_THRESHOLD, -1); // nothing is given back
	mallopt(M_TOP_PAD, 64 << 20);
#endif
}
