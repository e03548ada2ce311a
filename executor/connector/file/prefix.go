package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"github.com/zeebo/xxh3"
)

// prefixHash hashes the beginning of a file as it is read. It tells a file that
// grew from one that was rewritten; who may write the file may load whatever it
// likes, so that it need not withstand anybody (see docs/decisions/0026).
type prefixHash struct {
	xxh *xxh3.Hasher
	sha hash.Hash // also, to compare with a mark of an older bookmark; else nil
}

func newPrefixHash() *prefixHash { return &prefixHash{xxh: xxh3.New()} }

// write takes the file's next bytes.
func (p *prefixHash) write(b []byte) {
	_, _ = p.xxh.Write(b) // never fails, by its documentation
	if p.sha != nil {
		p.sha.Write(b)
	}
}

// digest is the hash of what was written so far, as fileMark.Hash holds it.
func (p *prefixHash) digest() string {
	sum := p.xxh.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}

// agrees reports whether what was written is what the mark tells of.
func (p *prefixHash) agrees(m *fileMark) bool {
	if p.sha != nil {
		return hex.EncodeToString(p.sha.Sum(nil)) == m.SHA256
	}
	return p.digest() == m.Hash
}

// hashPrefix hashes the first m.Offset bytes of a file, as m's own hash is made;
// the boolean is false where it is shorter.
func hashPrefix(ctx context.Context, path string, m *fileMark) (*prefixHash, bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	sum, buf, left := newPrefixHash(), make([]byte, 256<<10), m.Offset
	if m.SHA256 != "" {
		sum.sha = sha256.New()
	}
	for left > 0 {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		n, err := f.Read(buf[:min(left, int64(len(buf)))])
		sum.write(buf[:n])
		left -= int64(n)
		if err == io.EOF {
			return sum, left == 0, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	return sum, true, nil
}
