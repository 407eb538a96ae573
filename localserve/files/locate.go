package files

import (
	"net/url"
	"strings"

	"wtptui/engine"
)

// resource is what a path stands for in a site.
type resource struct {
	kind  resourceKind
	entry engine.Entry   // the file, or the site's 404 page
	dir   string         // the folder that is listed, without slashes around it
	list  []engine.Entry // what is in it
	// coding is the file's Content-Encoding; empty if it is not packed. packed is the suffix of its name that stands
	// for that.
	coding, packed string
	// status is set by a rule of the site; 0 for the default. to is the target of a redirect.
	status int
	to     *url.URL
	fault  string // the first error in the rules
}

type resourceKind int

const (
	kindNone        resourceKind = iota
	kindFile                     // entry is sent
	kindFolder                   // no index page: dir is listed
	kindFolderPath               // the path of a folder without its slash
	kindNotFound                 // entry is the site's 404 page
	kindRedirect                 // a rule of the site redirects to another URL
	kindBrokenRules              // no valid rule matches, and some are not valid
)

// locate returns the resource of a decoded path with its leading slash. Paths are matched byte for byte; if there is
// no such file, repeated slashes count as one.
func locate(c engine.Content, path string) resource {
	f := locateExactly(c, path)
	if single := collapseSlashes(path); (f.kind == kindNone || f.kind == kindNotFound) && single != path {
		return locateExactly(c, single)
	}
	return f
}

func locateExactly(c engine.Content, path string) resource {
	path = strings.TrimPrefix(path, "/")
	if dir, ok := strings.CutSuffix(path, "/"); ok || path == "" {
		return locateFolder(c, dir)
	}
	if e, ok := lookUpFile(c, path); ok {
		if strings.HasSuffix(strings.ToLower(e.Name), ".svgz") {
			return resource{kind: kindFile, entry: e, coding: "gzip", packed: "z"}
		}
		return resource{kind: kindFile, entry: e}
	}
	if _, ok := c.List(path); ok {
		return resource{kind: kindFolderPath, dir: path}
	}
	if e, ok := lookUpFile(c, path+".html"); ok {
		return resource{kind: kindFile, entry: e}
	}
	return notFoundResource(c)
}

// collapseSlashes replaces repeated slashes by one, as most servers do.
func collapseSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// indexes are the names of a folder's index page, in order of preference: current ones, XHTML and those of old
// servers. If none exists in exactly this form, case is ignored.
var indexes = []string{"index.html", "index.htm", "index.xhtml", "default.html", "default.htm"}

func locateFolder(c engine.Content, dir string) resource {
	// "a//" is not another form of "a/", whatever List returns.
	if strings.HasSuffix(dir, "/") {
		return notFoundResource(c)
	}
	list, ok := c.List(dir)
	if !ok {
		return notFoundResource(c)
	}
	if e, ok := findIndex(c, dir, list); ok {
		return resource{kind: kindFile, entry: e}
	}
	return resource{kind: kindFolder, dir: dir, list: list}
}

func findIndex(c engine.Content, dir string, list []engine.Entry) (engine.Entry, bool) {
	prefix := dir
	if dir != "" {
		prefix += "/"
	}
	for _, name := range indexes {
		if e, ok := lookUpFile(c, prefix+name); ok {
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
func hasIndex(c engine.Content, dir string) bool { return locateFolder(c, dir).kind == kindFile }

func notFoundResource(c engine.Content) resource {
	if e, ok := lookUpFile(c, "404.html"); ok {
		return resource{kind: kindNotFound, entry: e}
	}
	return resource{kind: kindNone}
}

func lookUpFile(c engine.Content, path string) (engine.Entry, bool) {
	e, ok := c.Lookup(path)
	return e, ok && !e.Dir
}
