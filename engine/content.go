package engine

import (
	"context"
	"io"
	"os"
	"time"
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
	// it and for what follows, before all that is less urgent, and fails when ctx ends. What was asked for stays wanted
	// for a while after that, so that asking again costs nothing.
	Open(ctx context.Context, e Entry, u Urgency) (io.ReadSeekCloser, error)
	// Raise says that these files will be asked for soon, in this order: they are fetched before all that is less
	// urgent, and before the rest of the site.
	Raise(entries []Entry, u Urgency)
	// Have is how many bytes of a file are here and verified.
	Have(e Entry) int64
	// Arrived tells of the pieces that hold the first length bytes of a file how many bytes of them have come, verified
	// or not, and how many there are: only whole pieces can be verified, and read.
	Arrived(e Entry, length int64) (came, all int64)
	// Note puts a warning about the site into the event log.
	Note(text string)
	// LastArrival is when bytes of the site that are needed here came last; zero if none came yet.
	LastArrival() time.Time
	// Retitle tells the title of the site's front page, as the page has it; it becomes the site's title.
	Retitle(title string)
	// Flags returns the site's flags as they were when the content was opened.
	Flags() Flags
	// Close ends the request and records it, unless it has no path: then it was none of a browser's.
	Close(r Request)
}

// Urgency is how soon something is wanted, as in RFC 9218, section 4.1: 0 is the most urgent, 7 the least.
type Urgency int

// The urgencies of what a page is made of, in the order in which a browser needs it.
const (
	UrgencyDocument Urgency = 0 // the page itself
	UrgencyBlocking Urgency = 1 // without which it is not shown: style sheets, scripts that are neither deferred nor modules
	UrgencyFont     Urgency = 2
	UrgencyInView   Urgency = 3 // what is on it, modules and deferred scripts, and also what nothing is known of
	UrgencyLater    Urgency = 5 // what it does without at first: scripts that nothing waits for, lazy pictures
	UrgencyLink     Urgency = 7 // where a person may go next
)

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
