package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Base is a project as it stood in a revision, or in another folder. Close it.
type Base struct {
	fs.FS
	Commit string // the revision's full hash, "" for a folder

	close func() error
}

// Close frees what reading needed.
func (b *Base) Close() error { return b.close() }

// Find opens what ref names: a folder that exists where it is written as a path, else
// a revision of the repository that folder is in, else any folder. abs makes a path
// absolute. The error is a sentence without its end.
func Find(ctx context.Context, folder, ref string, abs func(string) string) (*Base, error) {
	info, err := os.Stat(abs(ref))
	isFolder := err == nil && info.IsDir()
	if isFolder && WrittenAsPath(ref) {
		return openFolder(abs(ref))
	}
	tree, err := Open(ctx, folder, ref)
	if err == nil {
		return &Base{FS: tree, Commit: tree.Commit, close: tree.Close}, nil
	}
	if isFolder {
		return openFolder(abs(ref))
	}
	if errors.Is(err, ErrUnknown) {
		return nil, fmt.Errorf("%s is neither a folder nor a file, and %w", ref, err)
	}
	return nil, fmt.Errorf("%s is neither a folder nor a file, and it cannot be read as a git revision: %w", ref, err)
}

// WrittenAsPath reports whether a reference reads as a path rather than a name.
func WrittenAsPath(ref string) bool {
	return strings.HasPrefix(ref, ".") || strings.ContainsAny(ref, `/\`)
}

func openFolder(path string) (*Base, error) {
	root, err := os.OpenRoot(path) // no link leads out of it
	if err != nil {
		return nil, err
	}
	return &Base{FS: root.FS(), close: root.Close}, nil
}
