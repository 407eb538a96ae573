package publish

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
)

// largeFile is the size, in bytes, from which on a file is worth a word.
const largeFile = 100 << 20

// maxInfo bounds the info dictionary as every wtptui does that fetches it from peers, in bytes.
const maxInfo = engine.MaxMetainfo

// judgeWhole looks at the folder as a whole.
func (c *check) judgeWhole() {
	c.judgeNames()
	p := c.plan
	_, hasIndex := slices.BinarySearchFunc(p.Files, "index.html", func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !hasIndex && len(p.Files) > 0 {
		c.add("", "no-index", engine.Note, "there is no index.html at the top: visitors get a list of files")
	}
	info := 20 * (p.Size/pieceLength(p.Size) + 1)
	for _, f := range p.Files {
		info += int64(len(f.Path)) + 40
		if f.Size >= largeFile {
			c.add(f.Path, "large-file", engine.Note, fmt.Sprintf("it has %s: every visitor fetches all of the site", engine.Bytes(f.Size)))
		}
	}
	if c.rules.MaxFiles > 0 && len(p.Files) > c.rules.MaxFiles {
		c.add("", "many-files", engine.Note, fmt.Sprintf("%d files are more than the %d that visitors take without being asked", len(p.Files), c.rules.MaxFiles))
	}
	if c.rules.MaxSize > 0 && p.Size > c.rules.MaxSize {
		c.add("", "large-site", engine.Note, fmt.Sprintf("%s are more than the %s that visitors take without being asked", engine.Bytes(p.Size), engine.Bytes(c.rules.MaxSize)))
	}
	if info > maxInfo {
		// Nobody could fetch it: there is nothing to keep.
		c.findings.add(engine.Finding{Code: "many-files", Choice: engine.Refuse, Why: "its list of files is longer than the 16 MiB that visitors take: leave some out"})
	}
}
