package publish

import (
	"time"

	"wtptui/engine"
)

// Plan is the content of a site to be published.
type Plan struct {
	// Name is the torrent's name.
	Name string
	// Files are in byte order of their paths, which is their order in the torrent.
	Files []File
	// Size is the sum of their sizes, in bytes.
	Size int64
	// Findings are sorted, most severe first.
	Findings []engine.Finding
	// Ignore are the lines to add to IgnoreFile, for the paths that a person leaves out.
	Ignore []string
	// Memory is for the next check of the folder, if this plan is published.
	Memory Memory
}

// Refused returns the findings that prevent the publication.
func (p *Plan) Refused() []engine.Finding {
	var refused []engine.Finding
	for _, f := range p.Findings {
		if f.Choice == engine.ChoiceRefuse {
			refused = append(refused, f)
		}
	}
	return refused
}

// File is one file of a plan.
type File struct {
	// Path is relative to the folder, with "/" between its parts, exactly as in the file system.
	Path string
	// Size is in bytes.
	Size int64
	// Stamp is the modification time, in nanoseconds since 1970; 0 for an embedded file.
	Stamp int64
	// settled reports whether a later write would change Stamp: the file was not written right before the check,
	// within the same tick of the file system's clock.
	settled bool
}

// Files that were written this shortly before the check may be written again without a change of their time.
const (
	fineTick   = 50 * time.Millisecond // most file systems count in a few milliseconds
	coarseTick = 3 * time.Second       // FAT counts in two seconds, some others in one
)

// isSettled reports whether a later write to a file that was written at t will change its time.
func isSettled(t, now time.Time) bool {
	tick := fineTick
	if t.Nanosecond() == 0 {
		tick = coarseTick
	}
	return now.Sub(t) > tick
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// Stamps returns what ReadPrevious needs of a published plan: one stamp for each file, 0 if the time may not change
// with the next write.
func (p *Plan) Stamps() []int64 {
	stamps := make([]int64, len(p.Files))
	for i, f := range p.Files {
		if f.settled {
			stamps[i] = f.Stamp
		}
	}
	return stamps
}
