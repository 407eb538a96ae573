package publish

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
)

// largeFile is the size, in bytes, from which a file is noted.
const largeFile = 100 << 20

// maxInfo is the maximum size of an info dictionary that wtptui fetches from peers, in bytes.
const maxInfo = engine.MaxMetainfoSize

// checkWhole checks the folder as a whole.
func (c *check) checkWhole() {
	c.checkNames()
	p := c.plan
	_, hasIndex := slices.BinarySearchFunc(p.Files, "index.html", func(f File, path string) int {
		return strings.Compare(f.Path, path)
	})
	if !hasIndex && len(p.Files) > 0 {
		c.addFinding("", "no-index", engine.ChoiceNote, "there is no index.html at the top: visitors get a list of files")
	}
	info := 20 * (p.Size/pieceLength(p.Size) + 1)
	for _, f := range p.Files {
		info += int64(len(f.Path)) + 40
		if f.Size >= largeFile {
			c.addFinding(
				f.Path, "large-file", engine.ChoiceNote,
				fmt.Sprintf("it has %s: every visitor fetches all of the site", engine.Bytes(f.Size)),
			)
		}
	}
	c.checkLimits()
	if info > maxInfo {
		// Nobody could fetch it: it cannot be published nevertheless.
		c.addFixedFinding(engine.Finding{
			Code: engine.FindingManyFiles, Choice: engine.ChoiceRefuse,
			Why: "its list of files is longer than the 16 MiB that visitors take: leave some out",
		})
	}
}

// checkLimits notes which limits of visitors the site exceeds.
func (c *check) checkLimits() {
	const allow = ": each of them has to allow the site"
	files, size, r := len(c.plan.Files), c.plan.Size, c.rules
	if r.MaxFiles > 0 && files > r.MaxFiles {
		why := fmt.Sprintf("%d files are more than the %d that visitors take without being asked", files, r.MaxFiles)
		c.addFinding("", engine.FindingManyFiles, engine.ChoiceNote, why+allow)
	}
	var over []string
	if r.MaxSize > 0 && size > r.MaxSize {
		over = append(over, "more than the "+engine.Bytes(r.MaxSize)+" that visitors take without being asked")
	}
	if r.CacheSize > 0 && size > r.CacheSize {
		over = append(over, "more than the "+engine.Bytes(r.CacheSize)+" of their whole cache")
	}
	if len(over) > 0 {
		c.addFinding("", engine.FindingLargeSite, engine.ChoiceNote,
			engine.Bytes(size)+" is "+strings.Join(over, ", and ")+allow)
	}
}
