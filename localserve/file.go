package localserve

import (
	"strings"

	"wtptui/engine"
)

// found is what a path means in a site: exactly one of a file, a folder to list, a redirect, or nothing.
type found struct {
	kind  foundKind
	entry engine.Entry   // of a file, or of the site's own page for what is missing
	dir   string         // the folder that is listed, without slashes around it
	list  []engine.Entry // what is in it
}

type foundKind int

const (
	nothing    foundKind = iota
	file                 // entry answers the request
	folder               // no index: dir is listed
	folderPath           // the path of a folder without its slash
	notFound             // entry is the site's own 404.html
)

// locate maps a decoded path, with its leading slash, to a file of the site, bytes for bytes.
func locate(c engine.Content, path string) found {
	path = strings.TrimPrefix(path, "/")
	if dir, ok := strings.CutSuffix(path, "/"); ok || path == "" {
		return locateFolder(c, dir)
	}
	if e, ok := lookup(c, path); ok {
		return found{kind: file, entry: e}
	}
	if _, ok := c.List(path); ok {
		return found{kind: folderPath}
	}
	if e, ok := lookup(c, path+".html"); ok {
		return found{kind: file, entry: e}
	}
	return missing(c)
}

func locateFolder(c engine.Content, dir string) found {
	// "a//" is not another spelling of "a/"; whether List would think so does not matter.
	if strings.HasSuffix(dir, "/") {
		return missing(c)
	}
	list, ok := c.List(dir)
	if !ok {
		return missing(c)
	}
	index := "index.html"
	if dir != "" {
		index = dir + "/" + index
	}
	if e, ok := lookup(c, index); ok {
		return found{kind: file, entry: e}
	}
	return found{kind: folder, dir: dir, list: list}
}

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
