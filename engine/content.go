package engine

import (
	"context"
	"io"
	"os"
)

// Content is one version of a site's files, held for one request: the site does not expire and its files do not go
// away until Close. Its methods may be called from many goroutines.
type Content interface {
	// Infohash names the version.
	Infohash() string
	// Lookup finds a file by its exact path below the root, bytes for bytes, without a leading slash.
	Lookup(path string) (Entry, bool)
	// List gives the files and folders right below dir ("" or a path without a leading or trailing slash), sorted
	// by name, and false if there is no such folder. The slice is shared: do not write to it.
	List(dir string) ([]Entry, bool)
	// Open gives a reader of verified bytes only. A read waits until the piece it needs is here, asks the swarm for
	// it and for what follows first, and fails when ctx ends.
	Open(ctx context.Context, e Entry) (io.ReadSeekCloser, error)
	// Raise says that these files will be asked for soon: they are fetched before the rest of the site.
	Raise(entries []Entry)
	// Retitle tells the title of the site's front page, as the page has it; it becomes the site's title.
	Retitle(title string)
	// NoClearnet says that the site's pages may not ask any other server for anything.
	NoClearnet() bool
	// Close ends the request and records it.
	Close(r Request)
}

// Entry is a file or folder of a site.
type Entry struct {
	// Name is the last part of the path as the torrent has it: foreign bytes, not clean.
	Name string
	// Dir marks a folder; the other fields are zero for one.
	Dir bool
	// Index is the file's place in the torrent.
	Index int
	// Size is in bytes.
	Size int64
	// Tag identifies the file's content: it changes when the content does and at no other time.
	Tag string
}

// Completer may be implemented by a Content, and by what its Open gives.
type Completer interface {
	// Complete reports whether all of the site, or all of the file, is here and verified: reading it never waits.
	Complete() bool
}

// OnDisk may be implemented by what Content.Open gives, so that the system can send a file without anybody reading it.
type OnDisk interface {
	Completer
	// File opens the file itself, for the caller to read, seek and close; an error means that it has to be read in the
	// usual way. What it holds is verified only as long as Complete says so.
	File() (*os.File, error)
}
