package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// checkPattern reports a pattern that no name can be compared with.
func checkPattern(pattern string) error {
	for _, segment := range strings.Split(pattern, "/") {
		if segment == "**" {
			continue
		}
		if strings.Contains(segment, "**") {
			return fmt.Errorf("'**' must stand alone between slashes, not in %q", segment)
		}
		if _, err := path.Match(segment, ""); err != nil {
			return fmt.Errorf("%q is not closed or ends in a backslash", segment)
		}
	}
	return nil
}

// isPattern reports whether the path has characters with a meaning of their own.
func isPattern(p string) bool { return strings.ContainsAny(p, `*?[\`) }

// expand lists the regular files that the source's path names, sorted, with
// forward slashes, relative to the root unless the path is absolute. A file
// whose name is the pattern letter by letter comes before what it matches.
func (s *Source) expand() ([]string, error) {
	pattern := path.Clean(s.spec.Source.Path)
	if st, err := os.Stat(s.absolute(pattern)); err == nil {
		if st.Mode().IsRegular() {
			return []string{pattern}, nil
		}
		if st.IsDir() {
			return nil, fmt.Errorf("%s is a folder: name the files in it, such as %q", pattern, path.Join(pattern, "*"))
		}
	} else if !isPattern(pattern) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	base, rest := "", strings.Split(pattern, "/")
	if strings.HasPrefix(pattern, "/") {
		base, rest = "/", rest[1:]
	}
	var out []string
	if err := s.walk(base, rest, &out); err != nil {
		return nil, err
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// walk adds the files below base that match the segments. base is "" for the root.
func (s *Source) walk(base string, segments []string, out *[]string) error {
	segment, rest := segments[0], segments[1:]
	if !isPattern(segment) {
		next := path.Join(base, segment)
		st, err := os.Stat(s.absolute(next))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		return s.step(next, st, rest, out)
	}
	if segment == "**" && len(rest) > 0 {
		if err := s.walk(base, rest, out); err != nil { // '**' as no folder at all
			return err
		}
	}
	entries, err := os.ReadDir(s.absolute(base))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, e := range entries {
		if err := s.entry(base, e, segment, segments, out); err != nil {
			return err
		}
	}
	return nil
}

// entry follows one name of a folder. Names that begin with a dot are matched
// only by segments that do too.
func (s *Source) entry(base string, e os.DirEntry, segment string, segments []string, out *[]string) error {
	name := e.Name()
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(segment, ".") {
		return nil
	}
	next := path.Join(base, name)
	if segment == "**" {
		if e.IsDir() {
			return s.walk(next, segments, out)
		}
		if len(segments) > 1 {
			return nil
		}
	} else if ok, _ := path.Match(segment, name); !ok {
		return nil
	}
	st, err := os.Stat(filepath.Join(s.absolute(base), name))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile, or a symbolic link to nothing
		}
		return err
	}
	return s.step(next, st, segments[1:], out)
}

// step takes a matched name: a file where the pattern ends, a folder where it goes on.
func (s *Source) step(name string, st fs.FileInfo, rest []string, out *[]string) error {
	switch {
	case len(rest) == 0:
		if st.Mode().IsRegular() {
			*out = append(*out, name)
		}
		return nil
	case st.IsDir():
		return s.walk(name, rest, out)
	default:
		return nil
	}
}
