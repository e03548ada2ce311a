package singer

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own, and has the system kill it
// when the thread that starts it ends.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// openPath names an open file so that the process, and any process below it, can
// open it anew from its beginning: by this process's table of files, because a
// wrapper (npx, a Python launcher) closes the files that it inherits.
func openPath(f *os.File, _ int) string {
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd())
}

func terminateGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
