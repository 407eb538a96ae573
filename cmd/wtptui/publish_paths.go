package main

import (
	"os"
	"path"
	"path/filepath"
	"slices"

	"wtptui/engine"
)

// decide puts the paths of --keep and --leave-out into the form of findings: below the folder, with "/" between the
// parts. A path to leave out that is not there is refused, since what was misspelt would be published, for good.
func (p *publishing) decide() error {
	var err error
	for flag, paths := range map[string]*[]string{"--keep": &p.req.Keep, "--leave-out": &p.req.LeaveOut} {
		out := make([]string, len(*paths))
		for i, given := range *paths {
			if out[i], err = belowFolder(p.req.Dir, given); err != nil {
				return usageError("%s %s: it is not in %s", flag, engine.Clean(given), engine.Clean(p.req.Dir))
			}
		}
		*paths = out
	}
	if !isThere(p.req.Dir, ".") || p.attachTo != "" {
		return nil // The engine says what is wrong with the folder, or has it on its own machine.
	}
	for _, name := range p.req.LeaveOut {
		if !isThere(p.req.Dir, name) {
			return usageError("--leave-out %s: there is no such thing in %s: give its path below the folder, as the check shows it; "+
				"patterns for what may come can be put into .wtpignore", engine.Clean(name), engine.Clean(p.req.Dir))
		}
	}
	return nil
}

// belowFolder gives the path below dir that a person means, who may have given all of it.
func belowFolder(dir, given string) (string, error) {
	if given = expandHome(given); filepath.IsAbs(given) {
		rel, err := filepath.Rel(dir, given)
		if err != nil {
			return "", err
		}
		given = rel
	}
	name := path.Clean(filepath.ToSlash(given))
	if name == "." || !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", os.ErrInvalid
	}
	return name, nil
}

// isThere reports whether the folder has a path, as it is or as findings show it.
func isThere(dir, name string) bool {
	full := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Lstat(full); err == nil {
		return true
	}
	entries, err := os.ReadDir(filepath.Dir(full))
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return engine.Clean(e.Name()) == path.Base(name) })
}
