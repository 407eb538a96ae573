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
	c.judgeLimits()
	if info > maxInfo {
		// Nobody could fetch it: there is nothing to keep.
		c.addFixed(engine.Finding{
			Code: engine.FindingManyFiles, Choice: engine.Refuse, Why: "its list of files is longer than the 16 MiB that visitors take: leave some out",
		})
	}
}

// judgeLimits notes what visitors have to allow.
func (c *check) judgeLimits() {
	const allow = ": each of them has to allow the site"
	files, size, r := len(c.plan.Files), c.plan.Size, c.rules
	if r.MaxFiles > 0 && files > r.MaxFiles {
		why := fmt.Sprintf("%d files are more than the %d that visitors take without being asked", files, r.MaxFiles)
		c.add("", engine.FindingManyFiles, engine.Note, why+allow)
	}
	var over []string
	if r.MaxSize > 0 && size > r.MaxSize {
		over = append(over, "more than the "+engine.Bytes(r.MaxSize)+" that visitors take without being asked")
	}
	if r.CacheSize > 0 && size > r.CacheSize {
		over = append(over, "more than the "+engine.Bytes(r.CacheSize)+" of their whole cache")
	}
	if len(over) > 0 {
		c.add("", engine.FindingLargeSite, engine.Note, engine.Bytes(size)+" is "+strings.Join(over, ", and ")+allow)
	}
}
