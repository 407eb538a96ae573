package publish

import (
	"slices"
	"strings"

	"wtptui/engine"
)

// Memory is what is stored of a publication for the next one of the same folder. Paths are in the form of
// engine.DisplayPath; a finding is stored as its code, a space, and its path. All lists are sorted.
type Memory struct {
	// Known is false for a folder that was never published, or only by a release that stored no Memory.
	Known bool
	// Kept are the findings that a person decided to publish nevertheless, LeftOut the paths that a person left out.
	Kept, LeftOut []string
	// Found are all findings.
	Found []string
}

// maxMemory is the maximum length of each list of a Memory.
const maxMemory = 5000

// KeptPaths returns the paths of Kept, sorted, each once.
func (m Memory) KeptPaths() []string {
	paths := []string{}
	for _, key := range m.Kept {
		_, path, _ := strings.Cut(key, " ")
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func memoryKey(f engine.Finding) string { return f.Code + " " + f.Path }

// decisions holds what a person has decided about the paths of a folder, now and in the last publication.
type decisions struct {
	keep, leaveOut map[string]bool
	// What follows is from the last publication.
	known                bool
	kept, found, leftOut map[string]bool
	// covered are the paths of leaveOut and leftOut, as findings show them, that the IgnoreFile leaves out: they need
	// not be stored any more.
	covered map[string]bool
}

func newDecisions(r Rules) decisions {
	d := decisions{
		keep: pathSet(r.Keep), leaveOut: pathSet(r.LeaveOut), known: r.Before.Known, kept: map[string]bool{},
		found: map[string]bool{}, covered: map[string]bool{},
	}
	for _, key := range r.Before.Kept {
		d.kept[key] = true
	}
	for _, key := range r.Before.Found {
		d.found[key] = true
	}
	d.leftOut = pathSet(r.Before.LeftOut)
	for path := range d.keep {
		delete(d.leftOut, engine.DisplayPath(path))
	}
	return d
}

func pathSet(paths []string) map[string]bool {
	m := make(map[string]bool, len(paths))
	for _, p := range paths {
		m[strings.Trim(p, "/")] = true
	}
	return m
}

// containsPath reports whether a set contains a path, as it is or as findings show it.
func containsPath(paths map[string]bool, name string) bool {
	return len(paths) > 0 && (paths[name] || paths[engine.DisplayPath(name)])
}

// leavesOut reports whether a path is to be left out, and whether that was decided only in the last publication.
func (d *decisions) leavesOut(name string) (yes, before bool) {
	if containsPath(d.leaveOut, name) {
		return true, false
	}
	before = containsPath(d.leftOut, name)
	return before, before
}

// leavesOutBelow reports whether something in a folder is to be left out: then the rest of it is checked file by file.
func (d *decisions) leavesOutBelow(dir string) bool {
	for _, paths := range []map[string]bool{d.leaveOut, d.leftOut} {
		for name := range paths {
			if strings.HasPrefix(name, dir+"/") || strings.HasPrefix(name, engine.DisplayPath(dir)+"/") {
				return true
			}
		}
	}
	return false
}

// apply applies the decision of a person to a finding about a path, and reports whether the path is published
// nevertheless. An earlier decision applies only to the same kind of finding: a page that was published with a link to
// localhost is asked about again if it holds a key.
func (d *decisions) apply(name string, f *engine.Finding) (kept bool) {
	switch {
	case f.Choice == engine.ChoiceNote:
	case containsPath(d.keep, name):
		kept = true
		f.Why += "; published all the same, as you said"
	case d.kept[memoryKey(*f)]:
		kept, f.AsBefore = true, true
		f.Why += "; published all the same, as last time"
	}
	if kept {
		f.Choice = engine.ChoiceNote
	}
	d.setNew(f)
	return kept
}

// setNew sets whether a finding is new.
func (d *decisions) setNew(f *engine.Finding) {
	f.New = d.known && !f.AsBefore && !d.found[memoryKey(*f)]
}

// remember returns the Memory for the next publication. unscanned reports whether a file, by its path as findings show
// it, was not scanned: its earlier findings are still valid.
func (d *decisions) remember(found *findings, unscanned func(path string) bool) Memory {
	m := Memory{Known: true, Kept: found.kept}
	for _, f := range found.list {
		m.Found = append(m.Found, memoryKey(f))
	}
	for key := range d.found {
		if _, path, _ := strings.Cut(key, " "); unscanned(path) {
			m.Found = append(m.Found, key)
			if d.kept[key] {
				m.Kept = append(m.Kept, key)
			}
		}
	}
	for path := range d.leaveOut {
		m.LeftOut = append(m.LeftOut, engine.DisplayPath(path))
	}
	for path := range d.leftOut {
		m.LeftOut = append(m.LeftOut, path)
	}
	m.LeftOut = slices.DeleteFunc(m.LeftOut, func(path string) bool { return d.covered[path] })
	for _, list := range []*[]string{&m.Kept, &m.LeftOut, &m.Found} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
		*list = (*list)[:min(len(*list), maxMemory)]
	}
	return m
}
