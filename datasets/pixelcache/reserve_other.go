//go:build !linux

package pixelcache

import "os"

// reserve makes the file as long as it will be.
func reserve(file *os.File, size int64) error { return file.Truncate(size) }
