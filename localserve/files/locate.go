package files

import (
	"net/url"
	"strings"

	"wtptui/engine"
)

// found is what a path means in a site.
type found struct {
	kind  foundKind
	entry engine.Entry   // of a file, or of the site's own page for what is missing
	dir   string         // the folder that is listed, without slashes around it
	list  []engine.Entry // what is in it
	// coding is how the file is packed, as Content-Encoding has it; empty if it is sent as it is. packed is the end of its
	// name that says so.
	coding, packed string
	// status is what a rule of the site wants to have; 0 for the usual one. to is where it leads.
	status int
	to     *url.URL
	fault  string // of the rules
}

type foundKind int

const (
	nothing     foundKind = iota
	file                  // entry answers the request
	folder                // no index: dir is listed
	folderPath            // the path of a folder without its slash
	notFound              // entry is the site's own page for what is missing
	elsewhere             // a rule of the site leads to another address
	brokenRules           // none of the rules that could be read applies
)

// locate maps a decoded path, with its leading slash, to a file of the site, bytes for bytes; doubled slashes are one
// if nothing is found so.
func locate(c engine.Content, path string) found {
	f := locateExactly(c, path)
	if single := singleSlashes(path); (f.kind == nothing || f.kind == notFound) && single != path {
		return locateExactly(c, single)
	}
	return f
}

func locateExactly(c engine.Content, path string) found {
	path = strings.TrimPrefix(path, "/")
	if dir, ok := strings.CutSuffix(path, "/"); ok || path == "" {
		return locateFolder(c, dir)
	}
	if e, ok := lookup(c, path); ok {
		if strings.HasSuffix(strings.ToLower(e.Name), ".svgz") {
			return found{kind: file, entry: e, coding: "gzip", packed: "z"}
		}
		return found{kind: file, entry: e}
	}
	if _, ok := c.List(path); ok {
		return found{kind: folderPath, dir: path}
	}
	if e, ok := lookup(c, path+".html"); ok {
		return found{kind: file, entry: e}
	}
	return missing(c)
}

// singleSlashes is a path with one slash where there are several, as most servers take it.
func singleSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// indexes are the names of a folder's index page, the preferred ones first: those of today, of XHTML and of old
// servers. Case does not matter for any of them if none of them is there as it is written here.
var indexes = []string{"index.html", "index.htm", "index.xhtml", "default.html", "default.htm"}

func locateFolder(c engine.Content, dir string) found {
	// "a//" is not another spelling of "a/"; whether List would think so does not matter.
	if strings.HasSuffix(dir, "/") {
		return missing(c)
	}
	list, ok := c.List(dir)
	if !ok {
		return missing(c)
	}
	if e, ok := index(c, dir, list); ok {
		return found{kind: file, entry: e}
	}
	return found{kind: folder, dir: dir, list: list}
}

func index(c engine.Content, dir string, list []engine.Entry) (engine.Entry, bool) {
	prefix := dir
	if dir != "" {
		prefix += "/"
	}
	for _, name := range indexes {
		if e, ok := lookup(c, prefix+name); ok {
			return e, true
		}
	}
	for _, name := range indexes {
		for _, e := range list {
			if !e.Dir && strings.EqualFold(e.Name, name) {
				return e, true
			}
		}
	}
	return engine.Entry{}, false
}

// hasIndex reports whether a folder that was found by its path without a slash has an index page.
func hasIndex(c engine.Content, dir string) bool { return locateFolder(c, dir).kind == file }

func missing(c engine.Content) found {
	if e, ok := lookup(c, "404.html"); ok {
		return found{kind: notFound, entry: e}
	}
	return found{kind: nothing}
}

func lookup(c engine.Content, path string) (engine.Entry, bool) {
	e, ok := c.Lookup(path)
	return e, ok && !e.Dir
}
