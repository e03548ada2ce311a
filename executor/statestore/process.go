package statestore

import (
	"os"
	"strings"
)

// process names a process so that another one of the same machine can tell
// whether it is still there.
type process struct {
	machine string // this boot of this machine, and the space in which pids count
	pid     int
	started string // when it began, so that a pid used again is not taken for it; "" where unknown
}

// thisProcess names the running process.
func thisProcess() process {
	pid := os.Getpid()
	return process{machine: machineName(), pid: pid, started: startOf(pid)}
}

// mayLive reports whether a lease's holder could still be at work: false only
// for a process of the same machine that is gone for certain.
func (p process) mayLive(other process) bool {
	if other.machine != p.machine {
		return true
	}
	if !alive(other.pid) {
		return false
	}
	now := startOf(other.pid)
	return other.started == "" || now == "" || now == other.started
}

// machineName is the host's name with what tells its boots and its spaces of
// process ids apart, where the system says.
func machineName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	parts := []string{host}
	if b, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		parts = append(parts, strings.TrimSpace(string(b)))
	}
	if ns, err := os.Readlink("/proc/self/ns/pid"); err == nil {
		parts = append(parts, ns)
	}
	return strings.Join(parts, " ")
}
