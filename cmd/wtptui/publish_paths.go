package main

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"wtptui/engine"
)

// normalizePaths converts the paths of --keep and --leave-out to the form of a request: below the folder, with "/" as
// the separator, and bytes that are not UTF-8 as findings show them. It returns an error for a path of --leave-out that
// does not exist, since a misspelt path would publish what should be left out.
func (p *publishRun) normalizePaths() error {
	// Otherwise the engine reports what is wrong with the folder, or the folder is on another machine.
	canCheck := p.attachTo == "" && pathExists(p.req.Dir, ".")
	for flag, paths := range map[string]*[]string{"--keep": &p.req.Keep, "--leave-out": &p.req.LeaveOut} {
		names := make([]string, len(*paths))
		for i, given := range *paths {
			name, err := relativePath(p.req.Dir, given)
			switch {
			case err != nil:
				return usageError("%s %s: it is not in %s", flag, engine.DisplayPath(given), engine.Clean(p.req.Dir))
			case canCheck && paths == &p.req.LeaveOut && !pathExists(p.req.Dir, name):
				return usageError("%s %s: there is no such thing in %s: give its path below the folder, as the check shows it; "+
					"patterns for what may come can be put into .wtpignore", flag, engine.DisplayPath(name), engine.Clean(p.req.Dir))
			case !utf8.ValidString(name):
				name = engine.DisplayPath(name)
			}
			names[i] = name
		}
		*paths = names
	}
	return nil
}

// relativePath returns a path relative to dir. The given path may be absolute.
func relativePath(dir, given string) (string, error) {
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

// pathExists reports whether the folder has a path, each of whose parts is given as in the file system or as findings
// show it.
func pathExists(dir, name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if _, err := os.Lstat(filepath.Join(dir, part)); err != nil {
			entries, err := os.ReadDir(dir)
			i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return engine.DisplayPath(e.Name()) == part })
			if err != nil || i < 0 {
				return false
			}
			part = entries[i].Name()
		}
		dir = filepath.Join(dir, part)
	}
	return true
}
