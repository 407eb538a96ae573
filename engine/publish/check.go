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

// Rules are the decisions of a person about a folder, and the limits for it.
type Rules struct {
	// Domain is the future name of the site, or empty. Links to it are noted.
	Domain string
	// Keep and LeaveOut are paths to publish despite a finding and paths to leave out, as findings show them or as the
	// file system has them.
	Keep, LeaveOut []string
	// Before is the Memory of the folder's last publication.
	Before Memory
	// Now is the time of the check.
	Now time.Time
	// Known reports whether a file of that size and time has been published before: its content is not scanned again
	// then. May be nil.
	Known func(File) bool
	// MaxFiles and MaxSize are what visitors accept without being asked, CacheSize is the size of their cache; 0 means
	// no limit.
	MaxFiles  int
	MaxSize   int64
	CacheSize int64
}

// Check walks the folder and scans its files. The error has Kind Invalid if there is nothing to publish, and
// Unavailable or Conflict if the folder cannot be read or has changed. The caller must check Plan.Refused.
func (f *Folder) Check(ctx context.Context, r Rules, meter *Meter) (*Plan, error) {
	c := &check{
		folder: f, rules: r, meter: meter, decisions: newDecisions(r), plan: &Plan{Name: f.name},
		findings: findings{counts: map[string]int{}},
	}
	meter.Begin(engine.PublishCheck, 0, 0)
	if err := c.ignored.load(f); err != nil {
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
	c.checkWhole()
	if f, ok := c.ignored.finding(); ok {
		c.addFixedFinding(f)
	}
	c.plan.Memory = c.decisions.remember(&c.findings, c.unscanned())
	c.plan.Findings = c.findings.sorted()
	if len(c.plan.Files) == 0 && len(c.plan.Refused()) == 0 {
		return nil, invalid("%s has no files to publish: a site needs at least an index.html", f.name)
	}
	return c.plan, nil
}

// check is one run of Folder.Check.
type check struct {
	folder    *Folder
	rules     Rules
	meter     *Meter
	ignored   ignoreRules
	decisions decisions
	plan      *Plan
	findings  findings
}

// maxDepth is the maximum depth of nested folders.
const maxDepth = 200

// walk checks everything in a folder.
func (c *check) walk(ctx context.Context, dir string, depth int) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	entries, err := c.folder.readDir(dir)
	if err != nil {
		if dir == "." {
			return wrapError(engine.Unavailable, err, "%s cannot be read: has it been moved or deleted?", c.folder.name)
		}
		c.addFinding(
			dir, "unreadable", engine.ChoiceRefuse,
			"the folder cannot be read ("+errorReason(err)+"): make it readable, or leave it out",
		)
		return nil
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if c.skipByName(name, entry.IsDir()) {
			continue
		}
		switch mode := entry.Type(); {
		case mode.IsDir() && depth >= maxDepth:
			c.addFinding(name, "too-deep", engine.ChoiceRefuse,
				"folders lie deeper in each other than any client takes: leave it out")
		case mode.IsDir():
			if err := c.walk(ctx, name, depth+1); err != nil {
				return err
			}
		case mode&fs.ModeSymlink != 0:
			c.checkLink(name)
		case mode.IsRegular():
			c.addFile(name, c.folder.lstat)
		default:
			c.addFinding(name, "special", engine.ChoiceLeaveOut, "it is a pipe, a socket or a device, and not a file")
		}
	}
	return nil
}

// skipByName reports whether to leave out a path because of its name or an earlier decision.
func (c *check) skipByName(name string, dir bool) bool {
	if name == IgnoreFile {
		return true
	}
	left, before := c.decisions.leavesOut(name)
	if c.ignored.leavesOut(name, dir) {
		if left {
			c.decisions.covered[engine.DisplayPath(name)] = true
		}
		return true
	}
	code, choice, why := checkName(name)
	switch {
	case left:
		if line, ok := ignoreLine(name, dir); ok {
			c.plan.Ignore = append(c.plan.Ignore, line)
		}
		if before {
			c.addLeftOutAgain(name, code, why)
		}
		return true
	case code == "" || code == badName && dir && c.decisions.leavesOutBelow(name):
		return false
	}
	return c.addFinding(name, code, choice, why) != engine.ChoiceNote
}

// addFinding adds a finding and returns the choice that applies to it.
func (c *check) addFinding(name, code string, choice engine.Choice, why string) engine.Choice {
	f := engine.Finding{Path: engine.DisplayPath(name), Code: code, Why: why, Choice: choice}
	kept := c.decisions.apply(name, &f)
	c.findings.add(f, kept)
	return f.Choice
}

// addLeftOutAgain adds the finding that a path is left out as in the last publication. code and why describe what is
// wrong with its name; empty if nothing is.
func (c *check) addLeftOutAgain(name, code, why string) {
	f := engine.Finding{
		Path: engine.DisplayPath(name), Code: "left-out", Why: "you left it out last time", Choice: engine.ChoiceLeaveOut,
		AsBefore: true,
	}
	if code != "" {
		f.Code, f.Why = code, why+"; left out as last time"
	}
	c.findings.add(f, false)
}

// addFixedFinding adds a finding that no decision can change.
func (c *check) addFixedFinding(f engine.Finding) {
	c.decisions.setNew(&f)
	c.findings.add(f, false)
}

// unscanned returns a function that reports whether a file was not scanned because it has been published before. It
// takes paths as findings show them.
func (c *check) unscanned() func(path string) bool {
	unscanned := map[string]bool{}
	if c.rules.Known != nil && len(c.decisions.found) > 0 {
		for _, f := range c.plan.Files {
			if c.rules.Known(f) {
				unscanned[engine.DisplayPath(f.Path)] = true
			}
		}
	}
	return func(path string) bool { return unscanned[path] }
}

// checkLink leaves a symbolic link out, or adds the file that it leads to if that is in the folder and a person has
// decided so.
func (c *check) checkLink(name string) {
	info, err := c.folder.stat(name)
	if err != nil || !info.Mode().IsRegular() {
		why := "a link to a folder, which torrents cannot have"
		if err != nil {
			why = "a link that leads out of the folder, or to nothing"
		}
		// There is nothing that could be published.
		c.addFixedFinding(engine.Finding{
			Path: engine.DisplayPath(name), Code: "symlink", Why: why, Choice: engine.ChoiceLeaveOut,
		})
		return
	}
	const text = "a link to another file of the folder, which torrents cannot have; keep it to publish a copy of that file"
	if c.addFinding(name, "symlink", engine.ChoiceLeaveOut, text) == engine.ChoiceNote {
		c.addFile(name, c.folder.stat)
	}
}

func (c *check) addFile(name string, stat func(string) (fs.FileInfo, error)) {
	info, err := stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return // It was deleted meanwhile.
	case err != nil:
		c.addFinding(
			name, "unreadable", engine.ChoiceRefuse,
			"it cannot be read ("+errorReason(err)+"): make it readable, or leave it out",
		)
		return
	case !info.Mode().IsRegular():
		return // It was replaced meanwhile.
	}
	file := File{
		Path: name, Size: info.Size(), Stamp: stamp(info.ModTime()), settled: isSettled(info.ModTime(), c.rules.Now),
	}
	c.plan.Files = append(c.plan.Files, file)
	c.meter.addTotal(1, file.Size)
}

// errorReason returns an error's text without the path.
func errorReason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return engine.Clean(err.Error())
}
