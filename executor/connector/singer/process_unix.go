//go:build unix && !linux

package singer

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// openPath names the nth file that the process inherits.
func openPath(_ *os.File, n int) string { return fmt.Sprintf("/dev/fd/%d", 3+n) }

func terminateGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
