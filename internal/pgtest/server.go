package pgtest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

var errNone = errors.New("there is no Postgres to test with: install its server (Debian: postgresql), or name one in " + urlVariable)

// server returns the URL of the test binary's server, started at the first call.
var server = sync.OnceValues(func() (string, error) {
	if given := os.Getenv(urlVariable); given != "" {
		return given, nil
	}
	bin, ok := binaries()
	if !ok {
		return "", errNone
	}
	return start(bin)
})

// binaries finds the newest server that is installed.
func binaries() (dir string, ok bool) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), true
	}
	path, err := exec.LookPath("postgres")
	return filepath.Dir(path), err == nil
}

// script makes a data folder, runs the server in it until its standard input
// ends, which is when the test binary is gone, and removes the folder.
//
//go:embed server.sh
var script string

// start starts a server that listens on a socket in a folder of its own.
func start(bin string) (string, error) {
	dir, err := os.MkdirTemp("", "pgtest") // not the test's own: the server outlives the test, and a socket's path is short
	if err != nil {
		return "", err
	}
	args := []string{"sh", "-c", script, "sh", bin, dir}
	if os.Geteuid() == 0 { // a server refuses to run as root
		owner, err := unprivileged()
		if err != nil {
			return "", err
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", err
		}
		args = append([]string{"setpriv", "--reuid=" + owner.Uid, "--regid=" + owner.Gid, "--clear-groups"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	if _, err := cmd.StdinPipe(); err != nil { // held open as long as this process lives
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	query := url.Values{"host": {dir}, "user": {"headgate"}, "sslmode": {"disable"}}
	return ready("postgres:///postgres?"+query.Encode(), dir, done)
}

func unprivileged() (*user.User, error) {
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return u, nil
		}
	}
	return nil, errors.New("there is neither a user postgres nor a user nobody to run Postgres as")
}

// ready waits until the server takes connections.
func ready(url, dir string, done <-chan error) (string, error) {
	failed := func(why any) (string, error) {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return "", fmt.Errorf("the Postgres of the tests did not start: %v\n%s", why, strings.TrimSpace(string(log)))
	}
	var last error
	for range 600 {
		conn, err := pgx.Connect(context.Background(), url)
		if err == nil {
			return url, conn.Close(context.Background())
		}
		last = err
		select {
		case err := <-done:
			return failed(err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return failed(last)
}
