package publish

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
)

// Rules say what a person has decided about a folder.
type Rules struct {
	// Domain is the name that the site will have, or empty: pages that point to it are noted.
	Domain string
	// Keep and LeaveOut are paths, as findings show them or as the file system has them.
	Keep, LeaveOut []string
	// Before is what the folder's last publication left behind.
	Before Memory
	// Now is the time of the check.
	Now time.Time
	// Known reports whether a file of that size and time has been published before: its content is then not looked at
	// again. May be nil.
	Known func(File) bool
	// MaxFiles and MaxSize are what visitors take without being asked, CacheSize what they have room for; 0 means no
	// limit.
	MaxFiles  int
	MaxSize   int64
	CacheSize int64
}

// Check walks the folder and looks at what is in it. Its error has Kind Invalid when there is nothing to publish,
// Unavailable or Conflict when the folder cannot be read (any more); whether the findings let it pass is for the caller
// to see (Plan.Refused).
func (f *Folder) Check(ctx context.Context, r Rules, meter *Meter) (*Plan, error) {
	c := &check{
		folder: f, rules: r, meter: meter, decisions: newDecisions(r), plan: &Plan{Name: f.name},
		findings: findings{counts: map[string]int{}},
	}
	meter.Begin(engine.PublishCheck, 0, 0)
	if err := c.ignored.read(f); err != nil {
		return nil, err
	}
	if err := c.walk(ctx, ".", 0); err != nil {
		return nil, err
	}
	slices.SortFunc(c.plan.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, file := range c.plan.Files {
		c.plan.Size += file.Size
	}
	if err := c.scan(ctx); err != nil {
		return nil, err
	}
	c.judgeWhole()
	if f, ok := c.ignored.finding(); ok {
		c.addFixed(f)
	}
	c.plan.Memory = c.decisions.remember(&c.findings, c.unread())
	c.plan.Findings = c.findings.sorted()
	if len(c.plan.Files) == 0 && len(c.plan.Refused()) == 0 {
		return nil, invalid("%s has no files to publish: a site needs at least an index.html", f.name)
	}
	return c.plan, nil
}

// check is one run of Check.
type check struct {
	folder    *Folder
	rules     Rules
	meter     *Meter
	ignored   ignored
	decisions decisions
	plan      *Plan
	findings  findings
}

// maxDepth bounds how deep folders may lie in each other.
const maxDepth = 200

// walk looks at all that is in a folder.
func (c *check) walk(ctx context.Context, dir string, depth int) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	entries, err := c.folder.readDir(dir)
	if err != nil {
		if dir == "." {
			return failed(engine.Unavailable, err, "%s cannot be read: has it been moved or deleted?", c.folder.name)
		}
		c.add(dir, "unreadable", engine.Refuse, "the folder cannot be read ("+reason(err)+"): make it readable, or leave it out")
		return nil
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if c.skip(name, entry.IsDir()) {
			continue
		}
		switch mode := entry.Type(); {
		case mode.IsDir() && depth >= maxDepth:
			c.add(name, "too-deep", engine.Refuse, "folders lie deeper in each other than any client takes: leave it out")
		case mode.IsDir():
			if err := c.walk(ctx, name, depth+1); err != nil {
				return err
			}
		case mode&fs.ModeSymlink != 0:
			c.link(name)
		case mode.IsRegular():
			c.file(name, c.folder.lstat)
		default:
			c.add(name, "special", engine.LeftOut, "it is a pipe, a socket or a device, and not a file")
		}
	}
	return nil
}

// skip decides by the name alone.
func (c *check) skip(name string, dir bool) bool {
	if name == IgnoreFile {
		return true
	}
	left, before := c.decisions.leavesOut(name)
	if c.ignored.leavesOut(name, dir) {
		if left {
			c.decisions.covered[engine.ShownPath(name)] = true
		}
		return true
	}
	code, choice, why := judgeName(name)
	switch {
	case left:
		if line, ok := ignoreLine(name, dir); ok {
			c.plan.Ignore = append(c.plan.Ignore, line)
		}
		if before {
			c.leaveOutAgain(name, code, why)
		}
		return true
	case code == "" || code == badName && dir && c.decisions.leavesOutBelow(name):
		return false
	}
	return c.add(name, code, choice, why) != engine.Note
}

// add notes a finding and returns what is done with it.
func (c *check) add(name, code string, choice engine.Choice, why string) engine.Choice {
	f := engine.Finding{Path: engine.ShownPath(name), Code: code, Why: why, Choice: choice}
	kept := c.decisions.apply(name, &f)
	c.findings.add(f, kept)
	return f.Choice
}

// leaveOutAgain notes that a path is left out since it was last time; code and why are what is wrong with its name, if
// anything is.
func (c *check) leaveOutAgain(name, code, why string) {
	f := engine.Finding{Path: engine.ShownPath(name), Code: "left-out", Why: "you left it out last time", Choice: engine.LeftOut, AsBefore: true}
	if code != "" {
		f.Code, f.Why = code, why+"; left out as last time"
	}
	c.findings.add(f, false)
}

// addFixed notes a finding about which nobody can decide.
func (c *check) addFixed(f engine.Finding) {
	c.decisions.mark(&f)
	c.findings.add(f, false)
}

// unread tells which files were not looked into, since they have been published before, by their paths as findings show
// them.
func (c *check) unread() func(path string) bool {
	unread := map[string]bool{}
	if c.rules.Known != nil && len(c.decisions.found) > 0 {
		for _, f := range c.plan.Files {
			if c.rules.Known(f) {
				unread[engine.ShownPath(f.Path)] = true
			}
		}
	}
	return func(path string) bool { return unread[path] }
}

// link leaves a symbolic link out, or takes the file that it leads to when that is in the folder and a person says so.
func (c *check) link(name string) {
	info, err := c.folder.stat(name)
	if err != nil || !info.Mode().IsRegular() {
		why := "a link to a folder, which torrents cannot have"
		if err != nil {
			why = "a link that leads out of the folder, or to nothing"
		}
		// There is nothing to keep.
		c.addFixed(engine.Finding{Path: engine.ShownPath(name), Code: "symlink", Why: why, Choice: engine.LeftOut})
		return
	}
	if c.add(name, "symlink", engine.LeftOut, "a link to another file of the folder, which torrents cannot have; keep it to publish a copy of that file") == engine.Note {
		c.file(name, c.folder.stat)
	}
}

func (c *check) file(name string, stat func(string) (fs.FileInfo, error)) {
	info, err := stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return // It went away while we looked.
	case err != nil:
		c.add(name, "unreadable", engine.Refuse, "it cannot be read ("+reason(err)+"): make it readable, or leave it out")
		return
	case !info.Mode().IsRegular():
		return // It has become something else while we looked.
	}
	file := File{Path: name, Size: info.Size(), Stamp: stamp(info.ModTime()), settled: settled(info.ModTime(), c.rules.Now)}
	c.plan.Files = append(c.plan.Files, file)
	c.meter.grow(1, file.Size)
}

// reason is the system's word for what went wrong, without the path.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return engine.Clean(err.Error())
}
