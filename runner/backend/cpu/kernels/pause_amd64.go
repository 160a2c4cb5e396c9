package kernels

// pause waits for less than a microsecond, and leaves the core to the other thread that may share it.
func pause()
