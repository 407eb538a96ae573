package publish

import (
	"time"

	"wtptui/engine"
)

// Plan is what a folder will be as a site.
type Plan struct {
	// Name is the torrent's name.
	Name string
	// Files are in byte order of their paths, which is their order in the torrent.
	Files []File
	// Size is the sum of their sizes, in bytes.
	Size int64
	// Findings are what its owner should know, most severe first.
	Findings []engine.Finding
	// Ignore are the lines that leave out in IgnoreFile what a person leaves out, as far as it does not yet.
	Ignore []string
	// Memory is for the next check of the folder, once this plan is published.
	Memory Memory
}

// Refused gives the findings that let nothing be published.
func (p *Plan) Refused() []engine.Finding {
	var refused []engine.Finding
	for _, f := range p.Findings {
		if f.Choice == engine.Refuse {
			refused = append(refused, f)
		}
	}
	return refused
}

// File is one file of a plan.
type File struct {
	// Path is below the folder, with "/" between its parts, exactly as the file system has it.
	Path string
	// Size is in bytes.
	Size int64
	// Stamp is when the file was last written, in nanoseconds since 1970; 0 for a file on no disk.
	Stamp int64
	// settled says that a later write must change Stamp: it was not written right before the check, within the same
	// tick of the file system's clock.
	settled bool
}

// Files that were written this shortly before the check may be written again without a change of their time.
const (
	fineTick   = 50 * time.Millisecond // most file systems count in a few milliseconds
	coarseTick = 3 * time.Second       // FAT counts in two seconds, some others in one
)

// settled reports whether a later write to a file written at t must give it another time.
func settled(t, now time.Time) bool {
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

// Stamps are what Previous needs of a plan that was published: one for each file, 0 where the time says nothing.
func (p *Plan) Stamps() []int64 {
	stamps := make([]int64, len(p.Files))
	for i, f := range p.Files {
		if f.settled {
			stamps[i] = f.Stamp
		}
	}
	return stamps
}
