package swarm

import (
	"context"
	"io"
	"time"

	"wtptui/engine"
)

// Spec says which torrent to join.
type Spec struct {
	// Infohash is 40 lower-case hex digits.
	Infohash string
	// Info is the bencoded info dictionary (BEP 3) when it is known already; nil to ask peers for it (BEP 9).
	Info []byte
	// Trackers and WebSeeds were named by a torrent, a magnet link or a TXT record: they are foreign, and are only
	// contacted at public addresses. They come on top of the configured trackers.
	Trackers []string
	WebSeeds []string
	// Like are infohashes of torrents that are added already and may have files in common with this one, as versions
	// of a site have: what is verified there is not asked for again.
	Like []string
	// Limits are checked before anything touches the disk.
	Limits SiteLimits
	// Verify hashes all data on disk before any of it is trusted.
	Verify bool
	// InPlace, when it is not nil, is a folder from which the torrent is seeded without a copy. Nothing is fetched
	// then.
	InPlace *InPlace
	// Tracked says that Config.OwnTracker serves the torrent.
	Tracked bool
	// Labels are those whose limits hold for the torrent.
	Labels []string
	// Stirred, when it is not nil, is called when other peers or copies of the torrent are known than before: its Stats
	// are worth a look. It may be called from any goroutine, and must not wait.
	Stirred func()
	// Paused adds the torrent without joining its swarm.
	Paused bool
}

// InPlace is a folder that a torrent was made of.
type InPlace struct {
	// Dir is its absolute path.
	Dir string
	// Stamps are when its files were last written, in nanoseconds since 1970 and in the order of the info dictionary: a
	// file with another time, or length, is not what the torrent has.
	Stamps []int64
}

// SiteLimits bounds what a foreign torrent may claim.
type SiteLimits struct {
	// Size is the largest total length in bytes; 0 means no limit.
	Size int64
	// Files is the largest number of files; 0 means no limit.
	Files int
	// Cache is the size of the cache in bytes, for a torrent that is to fit into it; 0 means no limit.
	Cache int64
}

// Torrent is one torrent that the client has joined. Its methods may be called from many goroutines and never wait
// for the network, except where a context says so.
type Torrent interface {
	Contents
	Upkeep

	// Infohash is 40 lower-case hex digits.
	Infohash() string
	// Ready is closed when Info or Err has something to say: the info dictionary is known and within the limits and
	// the storage is open, or the torrent was refused.
	Ready() <-chan struct{}
	// Info describes the torrent; nil until Ready is closed, and when Err is not nil.
	Info() *Info
	// Err is why the torrent was refused: an *engine.Error of Kind TooLarge or Refused. The torrent then holds no
	// connection and no file until Drop, or until SetLimits lets it go on.
	Err() error
	// SetLimits changes the limits of Spec. It reports whether a torrent that was refused with TooLarge is within
	// them and goes on: whoever waits then takes a new Ready. A torrent that was accepted before stays accepted.
	SetLimits(SiteLimits) (goesOn bool)
	// Stats are the torrent's numbers now. It is cheap: a thousand torrents are asked several times a second.
	Stats() Stats
	// Peers and Trackers are for one site on screen, not for all.
	Peers() []engine.Peer
	Trackers() []engine.Tracker
	// Tried says what has been tried to find peers, in plain words for a person, clean.
	Tried() []string
	// SetPaused leaves or joins the swarm; data and readers of complete files stay.
	SetPaused(paused bool)
	// SetLabels changes Spec.Labels: the torrent keeps to their limits from now on.
	SetLabels(labels []string)
	// SetTracked changes Spec.Tracked: the torrent is announced to that tracker from now on, or leaves it.
	SetTracked(tracked bool)
	// Announce asks trackers and DHT for peers now.
	Announce()
	// Hint names more trackers and web seeds, which are foreign like those of Spec, and peers by a host and a port each:
	// those at public addresses are called, if the torrent is in its swarm.
	Hint(trackers, webSeeds, peers []string)
	// TakeInfo gives the bencoded info dictionary to a torrent that waits for peers to tell it. It does nothing when
	// that is known, or belongs to another torrent.
	TakeInfo(info []byte)
	// Drop leaves the swarm, tells the trackers Stopped (without waiting for them) and closes the files. The data
	// stays on disk; see Client.Delete.
	Drop()
	// Discard is Drop for a torrent whose data is deleted right after: what has not been flushed yet is given up.
	Discard()
}

// Contents are what is read of a torrent, and how much of it is here.
type Contents interface {
	// Open gives a reader of the file at index: verified bytes only, the piece it needs and a few MiB ahead fetched
	// before all that is less urgent, reads ended by ctx. Kind NotReady before Ready. The reader is also an
	// engine.OnDisk and a Waiter.
	Open(ctx context.Context, index int, u engine.Urgency) (io.ReadSeekCloser, error)
	// Raise has the starts of these files, 4 MiB at most, fetched before the rest of the torrent and before all that is
	// less urgent, in this order.
	Raise(indexes []int, u engine.Urgency)
	// Have gives the verified bytes of the file at index.
	Have(index int) int64
	// Arrived tells of the pieces that hold the first length bytes of the file at index how many bytes of them have come,
	// verified or not, and how many there are.
	Arrived(index int, length int64) (came, all int64)
	// LastArrival is when a block that was missing came, or a piece was verified, last; zero if that was never since the
	// torrent was added. Blocks that nobody has verified count for ten minutes after a piece was verified, or the torrent
	// was added or, after such a time without that, asked for something.
	LastArrival() time.Time
	// Pieces and FileProgress are for one site on screen, not for all. FileProgress gives the verified bytes of each file.
	Pieces() engine.Pieces
	FileProgress() []int64
}

// Upkeep is how a torrent's data on the disk is looked after.
type Upkeep interface {
	// Verify hashes all data again and returns when that is done or ctx ends. Pieces that do not match are fetched
	// again.
	Verify(ctx context.Context) error
	// Found says how the files looked when the torrent got ready, without what has changed, and whether any piece was
	// taken for complete then without being hashed, because it was recorded so.
	Found() (look Look, believed bool)
	// Look looks at the sizes and times of the files, not at what they hold; newest is the one of an earlier Look.
	Look(newest time.Time) (Look, error)
	// Scrub hashes one piece, if it is complete and kept. One that is wrong, or cannot be read from the disk any
	// more, is neither complete nor served from then on, and is fetched again. It returns how many bytes were read
	// and how many pieces turned out to be damaged: more than one where a file has become shorter. An error (the
	// torrent was dropped, ctx has ended, no file could be opened) says nothing about the data.
	Scrub(ctx context.Context, piece int) (read int64, damaged int, err error)
}

// Waiter is a reader that knows what it had to wait for.
type Waiter interface {
	// Waited gives how many pieces were not here when they were to be read, and the addresses of the peers that they
	// came from, at most eight. It may be called after Close, but not while another goroutine reads.
	Waited() (pieces int, from []string)
}

// Look says how a torrent's files look on the disk.
type Look struct {
	// Stamp is a digest of all sizes and times; the same in every run and on every system.
	Stamp uint64
	// Newest is when the file was written that was written last; zero where there is none.
	Newest time.Time
	// Changed are the complete pieces of files that are shorter than they were, or were written since the earlier
	// Look, by anybody but the client. Own says that the client has written some.
	Changed []int
	Own     bool
}

// Info is what a torrent's info dictionary says.
type Info struct {
	// Name is the torrent's name and the name of its root folder, foreign and not clean.
	Name string
	// Bytes is the bencoded info dictionary.
	Bytes []byte
	// Files are all files in order, without BEP 47 padding files and symlinks, which cannot be opened.
	Files       []FileInfo
	Size        int64
	PieceLength int64
	Pieces      int
	// Private is BEP 27's flag: no DHT, PEX or LSD.
	Private bool
}

// FileInfo is one file of a torrent.
type FileInfo struct {
	// Index is the file's place in the info dictionary; indexes of padding files and symlinks are left out.
	Index int
	// Path are the parts of the path below the torrent's root: foreign bytes, not clean. A single-file torrent has
	// one file with one part, its name.
	Path []string
	Size int64
	// Tag identifies the file's content (used as an ETag).
	Tag string
}

// Stats are a torrent's numbers at one moment. Bytes are bytes of content.
type Stats struct {
	// Completed is how many bytes are here and verified.
	Completed int64
	// Kept is how many of them would survive a power cut, too: they have been flushed and recorded.
	Kept int64
	// Checking says that pieces wait to be hashed or are being hashed.
	Checking bool
	// Peers are connections; Seeds and WebPeers those with everything and those over WebRTC.
	Peers, Seeds, WebPeers int
	// Known are all peers heard of.
	Known int
	// Copies, WebCopies, Proven and Tracked are how many others have all of it: see copies.Count.
	Copies, WebCopies, Proven, Tracked int
	// Downloaded and Uploaded count since the torrent was added in this run; they never fall.
	Downloaded, Uploaded int64
	// Fault is a lasting fault such as a full disk (see IsFull), in words for a person; nil when all is well.
	Fault error
	// MirrorFault says what is wrong if none of the web seeds works that were asked, clean; empty otherwise.
	MirrorFault string
}

// Status is about the client as a whole.
type Status struct {
	// Port is the TCP and uTP port peers reach.
	Port int
	// PortOpen says that a peer from outside has connected to it.
	PortOpen bool
	// DHTNodes is the number of good nodes in the DHT's tables; -1 when the DHT is off.
	DHTNodes int
	// WebTrackers are the WebTorrent trackers that are connected.
	WebTrackers int
	// Online says that a tracker, the DHT or a peer has answered in the last few minutes.
	Online bool
	// Disk is where the data is.
	Disk engine.Disk
	// AnnouncesWaiting counts the announces to trackers that are due and wait for others to end.
	AnnouncesWaiting int
	// Warnings are lasting conditions a person should know, clean.
	Warnings []string
}

// Completion remembers which pieces are on disk and verified. The client sets a piece only after its data has been
// flushed to the disk. An implementation may be called from many goroutines and must be fast to read.
type Completion interface {
	// Get reports whether the piece is complete; known is false when nothing is known about it.
	Get(infohash [20]byte, piece int) (complete, known bool)
	// Set remembers pieces; it returns when that would survive a power cut, or with an error.
	Set(infohash [20]byte, pieces []int, complete bool) error
}
