//go:build unix

package execute

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C from the worker: its launcher decides.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
