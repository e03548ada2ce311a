package draw

import (
	"encoding/json"
	"fmt"
)

// Bookmark prints a bookmark on one line: of files how many and how much of
// them, of a tap its STATE; anything else as it is, cut where it is long.
func Bookmark(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return "none"
	}
	var b struct {
		Singer  json.RawMessage `json:"singer_state"`
		Streams map[string]struct {
			Files []struct {
				Offset int64 `json:"offset"`
				Size   int64 `json:"size"`
			} `json:"files"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return Cut(string(raw), 120)
	}
	if len(b.Singer) > 0 {
		return Cut(string(b.Singer), 120)
	}
	if len(b.Streams) == 0 {
		return Cut(string(raw), 120)
	}
	files, bytes := 0, int64(0)
	for _, s := range b.Streams {
		files += len(s.Files)
		for _, f := range s.Files {
			bytes += max(f.Offset, f.Size)
		}
	}
	if files == 1 {
		return "1 file, " + Bytes(bytes)
	}
	return fmt.Sprintf("%d files, %s", files, Bytes(bytes))
}
