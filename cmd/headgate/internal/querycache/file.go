package querycache

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// The file, below the project's folder. It is written anew as a whole and put in
// place by a rename, so that it is always one that some process finished; of two
// that finish together one wins, and what the other learned is learned again.
const (
	folder   = ".headgate/cache"
	name     = "queries"
	tempName = name + ".new-" // begins the name of a file in the making
	ignore   = ".gitignore"
	magic    = "headgate queries 1\n"
)

// Bounds of the file.
const (
	maxBytes   = 64 << 20
	keepDays   = 30        // an answer that nobody asked for is dropped then
	renewAfter = 7         // days after which a use is noted again
	abandoned  = time.Hour // after which a file in the making has no maker
)

// A record is the key, the day, the length of the value, a checksum over these and
// the value, and the value.
const (
	recordHead = len(key{}) + 4 + 4 + 4
	headNoSum  = recordHead - 4
)

// load reads the file, once.
func (c *Cache) load() {
	if c.loaded || c.root == nil {
		return
	}
	c.loaded = true
	c.entries = readFile(c.root)
}

// readFile returns the records of the file, as far as they are whole.
func readFile(root *os.Root) map[key]*entry {
	out := map[key]*entry{}
	f, err := root.Open(path.Join(folder, name))
	if err != nil {
		return out
	}
	defer f.Close() // read only: nothing can be lost
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > 2*maxBytes {
		return out
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return out
	}
	b, ok := bytes.CutPrefix(b, []byte(magic))
	for ok && len(b) >= recordHead {
		size := int(binary.LittleEndian.Uint32(b[headNoSum-4:]))
		if size > len(b)-recordHead {
			break
		}
		value := b[recordHead : recordHead+size : recordHead+size]
		if binary.LittleEndian.Uint32(b[headNoSum:]) != checksum(b[:headNoSum], value) {
			break
		}
		out[key(b[:len(key{})])] = &entry{value: value, day: binary.LittleEndian.Uint32(b[len(key{}):])}
		b = b[recordHead+size:]
	}
	return out
}

func checksum(head, value []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(head, table), table, value)
}

// Save writes what was learned beside what the file holds by now, and gives the
// folder up. Where it cannot be written, the error says why, and nothing else is
// lost.
func (c *Cache) Save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.root == nil {
		return nil
	}
	root := c.root
	c.root = nil
	var err error
	if c.dirty {
		for k, e := range readFile(root) {
			if mine := c.entries[k]; mine == nil {
				c.entries[k] = e
			}
		}
		err = write(root, c.kept())
	}
	return errors.Join(err, root.Close())
}

// kept lists what is worth keeping, sorted: what was used of late, the latest
// first where not all of it fits.
func (c *Cache) kept() []record {
	var out []record
	for k, e := range c.entries {
		day := min(e.day, c.today) // a clock may have been wrong
		if day+keepDays > c.today {
			out = append(out, record{k, &entry{value: e.value, day: day}})
		}
	}
	slices.SortFunc(out, func(a, b record) int {
		return cmp.Or(cmp.Compare(b.entry.day, a.entry.day), bytes.Compare(a.key[:], b.key[:]))
	})
	size := len(magic)
	for i, r := range out {
		if size += recordHead + len(r.entry.value); size > maxBytes {
			return out[:i]
		}
	}
	return out
}

// record is an entry with its key.
type record struct {
	key   key
	entry *entry
}

// write puts records into the file. The folder says to git that nothing in it is
// anybody's work.
func write(root *os.Root, records []record) error {
	if err := root.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if _, err := root.Stat(path.Join(folder, ignore)); errors.Is(err, fs.ErrNotExist) {
		if err := root.WriteFile(path.Join(folder, ignore), []byte("*\n"), 0o600); err != nil {
			return err
		}
	}
	sweep(root)
	temp := path.Join(folder, tempName+rand.Text())
	f, err := root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(encode(records))
	err = errors.Join(err, f.Close())
	if err == nil {
		err = root.Rename(temp, path.Join(folder, name))
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return nil
}

func encode(records []record) []byte {
	size := len(magic)
	for _, r := range records {
		size += recordHead + len(r.entry.value)
	}
	b := append(make([]byte, 0, size), magic...)
	for _, r := range records {
		head := len(b)
		b = append(b, r.key[:]...)
		b = binary.LittleEndian.AppendUint32(b, r.entry.day)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(r.entry.value)))
		b = binary.LittleEndian.AppendUint32(b, checksum(b[head:], r.entry.value))
		b = append(b, r.entry.value...)
	}
	return b
}

// sweep removes files in the making that a killed process left behind.
func sweep(root *os.Root) {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), tempName) && time.Since(info.ModTime()) > abandoned {
			_ = root.Remove(path.Join(folder, e.Name())) // another process may be faster
		}
	}
}
