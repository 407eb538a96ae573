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
	// Infohash returns the infohash of the version.
	Infohash() string
	// Lookup finds a file by its exact path below the root, bytes for bytes, without a leading slash.
	Lookup(path string) (Entry, bool)
	// List returns the files and folders right below dir ("" or a path without a leading or trailing slash), sorted
	// by name, and false if there is no such folder. The slice is shared: do not write to it.
	List(dir string) ([]Entry, bool)
	// Open returns a reader of verified bytes. A read that needs a missing piece requests it and those that follow, before
	// all pieces that are less urgent, and waits for it until ctx ends. The requests stay queued for a while after that,
	// so that a retry loses no time.
	Open(ctx context.Context, e Entry, u Urgency) (io.ReadSeekCloser, error)
	// Prefetch requests files that will be read soon, in this order, before all that is less urgent and before the rest of
	// the site.
	Prefetch(entries []Entry, u Urgency)
	// VerifiedBytes returns how many bytes of a file are here and verified.
	VerifiedBytes(e Entry) int64
	// ArrivedBytes returns how many bytes of the pieces that hold the first length bytes of a file have arrived, verified
	// or not, and how many bytes these pieces have: only whole pieces can be verified, and read.
	ArrivedBytes(e Entry, length int64) (came, all int64)
	// RecordWarning records a warning about the site in the event log.
	RecordWarning(text string)
	// LastArrival returns when missing bytes of the site arrived last; zero if none has yet.
	LastArrival() time.Time
	// SetTitle sets the site's title to that of its front page, as the page has it.
	SetTitle(title string)
	// Flags returns the site's flags as they were when the content was opened.
	Flags() Flags
	// Close ends the request and records it, unless its Path is empty: then no browser has sent it.
	Close(r Request)
}

// Urgency is how soon something is wanted, as in RFC 9218, section 4.1: 0 is the most urgent, 7 the least.
type Urgency int

// The urgencies of what a page is made of, in the order in which a browser needs it.
const (
	UrgencyDocument Urgency = 0 // the page itself
	UrgencyBlocking Urgency = 1 // style sheets, and scripts that are neither deferred nor modules
	UrgencyFont     Urgency = 2
	UrgencyInView   Urgency = 3 // content in view, modules and deferred scripts; also files of unknown use
	UrgencyLater    Urgency = 5 // scripts that nothing waits for, lazy images
	UrgencyLink     Urgency = 7 // pages that a person may open next
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

// Completer may be implemented by a Content, and by the reader that its Open returns.
type Completer interface {
	// Complete reports whether all of the site, or all of the file, is here and verified: reading it never waits.
	Complete() bool
}

// OnDisk may be implemented by the reader that Content.Open returns, so that the kernel can send the file itself.
type OnDisk interface {
	Completer
	// File opens the file on the disk. The caller must close it. After an error, the caller reads from the reader instead.
	// The file's content is verified only while Complete reports true.
	File() (*os.File, error)
}
