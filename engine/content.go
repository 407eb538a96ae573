package engine

import (
	"context"
	"io"
	"os"
	"time"
)

// Content is one version of a site's files, held open for one request: until Close the site does not expire and its
// files are not deleted. It is safe for concurrent use.
type Content interface {
	// Infohash returns the infohash of the version.
	Infohash() string
	// Lookup finds a file by its exact path below the root, byte for byte, without a leading slash.
	Lookup(path string) (Entry, bool)
	// List returns the files and folders directly below dir ("" or a path without a leading or trailing slash), sorted by
	// name; false if there is no such folder. The caller must not change the slice.
	List(dir string) ([]Entry, bool)
	// Open returns a reader of verified bytes. A read that needs a missing piece requests it and the following ones before
	// all less urgent pieces, and waits for it until ctx ends. The requests stay queued for a while after that, so that a
	// retry loses no time.
	Open(ctx context.Context, e Entry, u Urgency) (io.ReadSeekCloser, error)
	// Prefetch requests files that will be read soon, in this order, before all less urgent files and the rest of the
	// site.
	Prefetch(entries []Entry, u Urgency)
	// VerifiedBytes returns how many bytes of a file are here and verified.
	VerifiedBytes(e Entry) int64
	// ArrivedBytes returns, for the pieces that hold the first length bytes of a file, how many of their bytes have
	// arrived, verified or not, and their total size. Only whole pieces can be verified and read.
	ArrivedBytes(e Entry, length int64) (came, all int64)
	// RecordWarning records a warning about the site in the event log.
	RecordWarning(text string)
	// LastArrival returns when missing bytes of the site arrived last; zero if none has yet.
	LastArrival() time.Time
	// SetTitle sets the site's title to that of its front page, as the page has it.
	SetTitle(title string)
	// Flags returns the site's flags at the time when the content was opened.
	Flags() Flags
	// Close ends the request and records it, unless its Path is empty: then it does not come from a browser.
	Close(r Request)
}

// Urgency is how soon a file is needed, as in RFC 9218, section 4.1: 0 is the most urgent, 7 the least.
type Urgency int

// The urgencies of the parts of a page, in the order in which a browser needs them.
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
	// Name is the last part of the path in the torrent: foreign bytes, not clean.
	Name string
	// Dir reports whether the entry is a folder; then the other fields are zero.
	Dir bool
	// Index is the index of the file in the torrent.
	Index int
	// Size is in bytes.
	Size int64
	// Tag identifies the file's content: it changes if and only if the content does.
	Tag string
}

// Completer may be implemented by a Content and by the reader that Content.Open returns.
type Completer interface {
	// Complete reports whether all of the site, or of the file, is here and verified: then a read never waits.
	Complete() bool
}

// OnDisk may be implemented by the reader that Content.Open returns, so that the kernel can send the file itself.
type OnDisk interface {
	Completer
	// File opens the file on the disk. The caller must close it. If it fails, the caller reads from the reader instead.
	// The file's content is verified only while Complete returns true.
	File() (*os.File, error)
}
