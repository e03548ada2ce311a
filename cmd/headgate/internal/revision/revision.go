// Package revision reads a folder as it stood in a revision of its git
// repository: objects alone, nothing is checked out and nothing is written.
package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrNoRepository says that the folder is in no git repository.
var ErrNoRepository = errors.New("the folder is in no git repository")

// ErrUnknown says that the repository has no such revision.
var ErrUnknown = errors.New("the repository has no such revision")

// Tree is a folder in a revision, a file system. Files are read when they are
// opened. Links are not followed: they do not exist here.
type Tree struct {
	Commit string // its full hash

	blobs map[string]string // object by file
	dirs  map[string][]fs.DirEntry
	mu    sync.Mutex
	in    io.WriteCloser
	out   *bufio.Reader
	cmd   *exec.Cmd
}

// Open finds the revision and lists the folder in it. The folder need not exist
// there: the tree is empty then. Close the tree.
func Open(ctx context.Context, folder, rev string) (*Tree, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, errors.New("there is no program git to read it with")
	}
	prefix, err := git(ctx, folder, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", ErrNoRepository, err)
	}
	commit, err := git(ctx, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return nil, ErrUnknown
	}
	t := &Tree{Commit: strings.TrimSpace(commit), blobs: map[string]string{}, dirs: map[string][]fs.DirEntry{".": nil}}
	listing, err := git(ctx, folder, "ls-tree", "-r", "-z", "-l", "--full-tree", t.Commit, "--", strings.TrimRight(prefix, "\r\n"))
	if strings.TrimSpace(prefix) == "" {
		listing, err = git(ctx, folder, "ls-tree", "-r", "-z", "-l", "--full-tree", t.Commit)
	}
	if err != nil {
		return nil, err
	}
	t.list(listing, strings.TrimRight(prefix, "\r\n"))
	t.cmd = exec.CommandContext(ctx, "git", "-C", folder, "cat-file", "--batch")
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewReader(out)
	return t, t.cmd.Start()
}

// Close ends the git process.
func (t *Tree) Close() error {
	err := t.in.Close()
	return errors.Join(err, t.cmd.Wait())
}

func git(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", folder}, args...)...)
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		if text := strings.TrimSpace(errText.String()); text != "" {
			return "", errors.New(text)
		}
		return "", err
	}
	return string(out), nil
}

// list reads what ls-tree says: "MODE TYPE OBJECT SIZE\tPATH" with a NUL behind.
func (t *Tree) list(listing, prefix string) {
	for _, line := range strings.Split(listing, "\x00") {
		head, name, ok := strings.Cut(line, "\t")
		fields := strings.Fields(head)
		name, below := strings.CutPrefix(name, prefix)
		if !ok || !below || len(fields) != 4 || fields[1] != "blob" || fields[0] == "120000" || !fs.ValidPath(name) {
			continue
		}
		size, _ := strconv.ParseInt(fields[3], 10, 64)
		t.blobs[name] = fields[2]
		t.enter(name, entry{name: path.Base(name), size: size})
	}
	for dir := range t.dirs {
		slices.SortFunc(t.dirs[dir], func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
}

// enter puts an entry into its folder, and that into its own.
func (t *Tree) enter(name string, e entry) {
	dir := path.Dir(name)
	_, known := t.dirs[dir]
	t.dirs[dir] = append(t.dirs[dir], e)
	if !known && dir != "." {
		t.enter(dir, entry{name: path.Base(dir), dir: true})
	}
}

// Open opens a file or folder.
func (t *Tree) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if entries, ok := t.dirs[name]; ok {
		return &openDir{entry: entry{name: path.Base(name), dir: true}, rest: entries}, nil
	}
	object, ok := t.blobs[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	text, err := t.read(object)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{entry: entry{name: path.Base(name), size: int64(len(text))}, Reader: bytes.NewReader(text)}, nil
}

// read asks git for an object.
func (t *Tree) read(object string) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := io.WriteString(t.in, object+"\n"); err != nil {
		return nil, err
	}
	head, err := t.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return nil, fmt.Errorf("git does not have it: %s", strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, err
	}
	text := make([]byte, size+1) // a newline stands behind it
	if _, err := io.ReadFull(t.out, text); err != nil {
		return nil, err
	}
	return text[:size], nil
}

// entry is a file or folder of the tree.
type entry struct {
	name string
	size int64
	dir  bool
}

// The methods of fs.DirEntry and fs.FileInfo.

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return e.dir }
func (e entry) Type() fs.FileMode          { return e.Mode().Type() }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }
func (e entry) Size() int64                { return e.size }
func (e entry) ModTime() time.Time         { return time.Time{} }
func (e entry) Sys() any                   { return nil }
func (e entry) Mode() fs.FileMode {
	if e.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type openFile struct {
	entry
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.entry, nil }
func (f *openFile) Close() error               { return nil }
func (f *openFile) Size() int64                { return f.entry.size }

type openDir struct {
	entry
	rest []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.entry, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a folder")}
}

// ReadDir gives the next n entries, or with n <= 0 all that are left.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.rest) {
		if n > 0 && len(d.rest) == 0 {
			return nil, io.EOF
		}
		n = len(d.rest)
	}
	out := d.rest[:n]
	d.rest = d.rest[n:]
	return out, nil
}
