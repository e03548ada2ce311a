// Package querycache remembers, from one process to the next, what the engine said
// of queries: their parse trees and the columns that they yield. An answer is
// found under a hash of everything that it depends on, so that it is either the
// engine's own or not found. Whatever is wrong with the file, it is as if there
// were none.
package querycache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate-data/headgate/compiler/sqltype"
	"github.com/headgate-data/headgate/compiler/types"
)

// Cache is a typer that asks another one only what it does not know. Its methods
// may be called from several goroutines.
type Cache struct {
	engine   sqltype.Typer
	identity string   // of the engine
	root     *os.Root // nil: nothing is read or written
	today    uint32   // in days since 1970

	mu      sync.Mutex
	loaded  bool
	entries map[key]*entry
	dirty   bool // the file lacks something that is known
}

var _ sqltype.Typer = (*Cache)(nil)

// version is that of the keys and values below. It moves when either changes.
const version = "1"

// key is the hash of a question.
type key [sha256.Size]byte

// entry is an answer.
type entry struct {
	value []byte
	day   uint32 // of its last use, to within renewAfter days
}

// New makes a cache in front of an engine that answers the same whenever identity
// is the same. What it knows is kept below .headgate/cache in the folder dir; with
// dir "" it lasts as long as the process. Nothing is read before the first
// question.
func New(engine sqltype.Typer, identity, dir string, now time.Time) *Cache {
	c := &Cache{engine: engine, identity: identity, entries: map[key]*entry{}, today: uint32(now.Unix() / (24 * 60 * 60))}
	if dir == "" {
		c.loaded = true
		return c
	}
	if root, err := os.OpenRoot(dir); err == nil { // no link leads out of it
		c.root = root
	}
	return c
}

// Empty reports whether nothing was remembered: every question will reach the
// engine.
func (c *Cache) Empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	return len(c.entries) == 0
}

// Trees answers as the engine does. A tree must not be changed.
func (c *Cache) Trees(ctx context.Context, texts []string) []sqltype.Tree {
	out := make([]sqltype.Tree, len(texts))
	keys := make([]key, len(texts))
	c.fill(len(texts), func(i int) key {
		keys[i] = c.key("tree", texts[i], nil)
		return keys[i]
	}, func(i int, value []byte) bool {
		out[i].JSON = value
		return true
	}, func(missing []int) {
		asked := make([]string, len(missing))
		for n, i := range missing {
			asked[n] = texts[i]
		}
		for n, answer := range c.engine.Trees(ctx, asked) {
			out[missing[n]] = answer
			if answer.Err == nil {
				c.keep(keys[missing[n]], answer.JSON)
			}
		}
	})
	return out
}

// Describe answers as the engine does.
func (c *Cache) Describe(ctx context.Context, queries []sqltype.Query) []sqltype.Shape {
	out := make([]sqltype.Shape, len(queries))
	keys := make([]key, len(queries))
	c.fill(len(queries), func(i int) key {
		keys[i] = c.key("shape", queries[i].SQL, queries[i].Tables)
		return keys[i]
	}, func(i int, value []byte) (ok bool) {
		out[i].Columns, ok = decodeColumns(value)
		return ok
	}, func(missing []int) {
		asked := make([]sqltype.Query, len(missing))
		for n, i := range missing {
			asked[n] = queries[i]
		}
		for n, answer := range c.engine.Describe(ctx, asked) {
			out[missing[n]] = answer
			if answer.Err != nil {
				continue // a fault is told by the engine each time
			}
			value := encodeColumns(answer.Columns)
			if again, ok := decodeColumns(value); ok && reflect.DeepEqual(again, answer.Columns) {
				c.keep(keys[missing[n]], value)
			}
		}
	})
	return out
}

// fill answers n questions from what is known, and has the rest asked.
func (c *Cache) fill(n int, keyOf func(i int) key, take func(i int, value []byte) bool, ask func(missing []int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	var missing []int
	for i := range n {
		e := c.entries[keyOf(i)]
		if e == nil || !take(i, e.value) {
			missing = append(missing, i)
			continue
		}
		if e.day+renewAfter <= c.today {
			e.day, c.dirty = c.today, true
		}
	}
	if len(missing) > 0 {
		ask(missing)
	}
}

// keep remembers an answer.
func (c *Cache) keep(k key, value []byte) {
	c.entries[k] = &entry{value: value, day: c.today}
	c.dirty = true
}

// key hashes a question with all that its answer depends on. Every part stands
// behind its length, so that no two questions look alike; the order of tables says
// nothing.
func (c *Cache) key(kind, sql string, tables []sqltype.Table) key {
	var b []byte
	part := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	part(version)
	part(c.identity)
	part(kind)
	part(sql)
	sorted := slices.Clone(tables)
	slices.SortStableFunc(sorted, func(x, y sqltype.Table) int {
		if n := strings.Compare(x.Schema, y.Schema); n != 0 {
			return n
		}
		return strings.Compare(x.Name, y.Name)
	})
	for _, t := range sorted {
		part(t.Schema)
		part(t.Name)
		b = binary.AppendUvarint(b, uint64(len(t.Columns)))
		for _, col := range t.Columns {
			part(col.Name)
			part(col.Type.String())
			part(col.Native)
		}
	}
	return sha256.Sum256(b)
}

// encodeColumns writes columns by name and native type.
func encodeColumns(cols []sqltype.Column) []byte {
	var b []byte
	for _, c := range cols {
		for _, s := range []string{c.Name, c.Native} {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	}
	return b
}

// decodeColumns reads what encodeColumns wrote; false for anything else. The types
// are those that this headgate has for the native ones.
func decodeColumns(b []byte) ([]sqltype.Column, bool) {
	var out []sqltype.Column
	ok := true
	next := func() string {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)-width) {
			ok, b = false, nil
			return ""
		}
		s := string(b[width : width+int(n)])
		b = b[width+int(n):]
		return s
	}
	for len(b) > 0 {
		col := sqltype.Column{Name: next(), Native: next()}
		if typ, known := types.FromDuckDB(col.Native); known {
			col.Type = typ
		}
		out = append(out, col)
	}
	return out, ok && len(out) > 0
}
