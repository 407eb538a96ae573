package swarm

import (
	"context"
	"io"
	"time"

	"wtptui/engine"
)

// Spec describes a torrent to add.
type Spec struct {
	// Infohash is 40 lower-case hex digits.
	Infohash string
	// Info is the bencoded info dictionary (BEP 3) if it is known already; nil to fetch it from peers (BEP 9).
	Info []byte
	// Trackers and WebSeeds come from a .torrent file, a magnet link or a TXT record. They are foreign: only public
	// addresses are contacted. They are used in addition to the configured trackers.
	Trackers []string
	WebSeeds []string
	// Similar holds infohashes of added torrents that may have files in common with this one, such as other versions
	// of the site. Verified pieces are copied from there instead of being fetched.
	Similar []string
	// Limits are checked before anything is written to the disk.
	Limits SiteLimits
	// Verify requests that all data on disk is hashed before it is used.
	Verify bool
	// InPlace, if not nil, is a folder from which the torrent is seeded without a copy. Nothing is fetched then.
	InPlace *InPlace
	// Tracked reports whether Config.OwnTracker serves the torrent.
	Tracked bool
	// Labels are the labels whose rate limits apply to the torrent.
	Labels []string
	// OnChange, if not nil, is called when the known peers or copies of the torrent have changed, so that its Stats
	// are worth reading. It may be called from any goroutine, and must not block.
	OnChange func()
	// Paused adds the torrent without joining its swarm.
	Paused bool
}

// InPlace is a folder that a torrent was made from.
type InPlace struct {
	// Dir is its absolute path.
	Dir string
	// Stamps holds the modification times of its files, in nanoseconds since 1970 and in the order of the info
	// dictionary. A file with another time or length is not that of the torrent.
	Stamps []int64
}

// SiteLimits limits what a foreign torrent may claim.
type SiteLimits struct {
	// Size is the largest total length in bytes; 0 means no limit.
	Size int64
	// Files is the largest number of files; 0 means no limit.
	Files int
	// Cache is the size of the cache in bytes, for a torrent that must fit into it; 0 means no limit.
	Cache int64
}

// Torrent is one added torrent. Its methods may be called from many goroutines and never wait for the network, except
// where they take a context.
type Torrent interface {
	Contents
	Upkeep

	// Infohash returns 40 lower-case hex digits.
	Infohash() string
	// Ready returns a channel that is closed when the info dictionary is known and within the limits and the data is
	// open, or the torrent was refused.
	Ready() <-chan struct{}
	// Info returns the info dictionary, nil until Ready is closed or if Err is not nil.
	Info() *Info
	// Err returns why the torrent was refused: an *engine.Error of Kind TooLarge or Refused. The torrent then holds no
	// connection and no file until Drop, or until SetLimits allows it.
	Err() error
	// SetLimits sets the limits of Spec. It reports whether a torrent that was refused with TooLarge is within them
	// now and continues: Ready returns a new channel then. A torrent that was accepted before stays accepted.
	SetLimits(SiteLimits) (goesOn bool)
	// Stats returns the torrent's counters. It is cheap enough to be called for a thousand torrents several times a
	// second.
	Stats() Stats
	// Peers and Trackers are meant for one displayed site, not for all.
	Peers() []engine.Peer
	Trackers() []engine.Tracker
	// DiscoveryStatus returns lines for the user about what has been tried to find peers, clean.
	DiscoveryStatus() []string
	// SetPaused leaves or joins the swarm. Data, and readers of complete files, stay.
	SetPaused(paused bool)
	// SetLabels sets Spec.Labels. Their limits apply from now on.
	SetLabels(labels []string)
	// SetTracked sets Spec.Tracked. The torrent is announced to that tracker from now on, or not any more.
	SetTracked(tracked bool)
	// Announce announces to trackers and the DHT now, which returns peers.
	Announce()
	// AddSources adds trackers and web seeds, which are foreign like those of Spec, and peers as host:port. Peers at
	// public addresses are dialed if the torrent is in its swarm.
	AddSources(trackers, webSeeds, peers []string)
	// SetInfo sets the bencoded info dictionary of a torrent that waits for it. It does nothing if the dictionary is
	// known already, or belongs to another torrent.
	SetInfo(info []byte)
	// Drop leaves the swarm, announces Stopped to the trackers without waiting for them, and closes the files. The
	// data stays on disk; see Client.Delete.
	Drop()
	// Discard is like Drop, for a torrent whose data is deleted right after: unflushed data is not written.
	Discard()
}

// Contents reads a torrent, and reports how much of it is here.
type Contents interface {
	// Open returns a reader of the file at index. It returns verified bytes only. The piece that it needs and a few
	// MiB ahead are fetched before everything less urgent. Reads end with ctx. The error is of Kind NotReady before
	// Ready. The reader also implements engine.OnDisk and Waiter.
	Open(ctx context.Context, index int, u engine.Urgency) (io.ReadSeekCloser, error)
	// Prefetch has the first 4 MiB of each of these files fetched, in this order, before the rest of the torrent and
	// everything less urgent.
	Prefetch(indexes []int, u engine.Urgency)
	// VerifiedBytes returns the number of verified bytes of the file at index.
	VerifiedBytes(index int) int64
	// ArrivedBytes returns, for the pieces that hold the first length bytes of the file at index, how many of their bytes
	// have arrived, verified or not, and how many bytes they have.
	ArrivedBytes(index int, length int64) (came, all int64)
	// LastArrival returns when a missing block arrived, or a piece was verified, last; the zero time if none has since
	// the torrent was added. Unverified blocks count for ten minutes after a piece was verified, the torrent was
	// added, or a read after ten minutes without any.
	LastArrival() time.Time
	// Pieces and FileProgress are meant for one displayed site, not for all. FileProgress returns the number of
	// verified bytes of each file.
	Pieces() engine.Pieces
	FileProgress() []int64
}

// Upkeep maintains a torrent's data on the disk.
type Upkeep interface {
	// Verify hashes all data again and returns when that is done or ctx ends. Wrong pieces are fetched again.
	Verify(ctx context.Context) error
	// FilesAtOpen returns the state of the files when the torrent became ready, without changes. believed reports
	// whether any piece was then taken for complete without being hashed, because it was recorded as complete.
	FilesAtOpen() (look FilesState, believed bool)
	// StatFiles checks the sizes and times of the files, not their content. newest is that of an earlier FilesState.
	StatFiles(newest time.Time) (FilesState, error)
	// Scrub hashes one piece if it is complete and flushed. A piece that is wrong, or cannot be read from the disk any
	// more, is not served from then on, and is fetched again. Scrub returns how many bytes were read and how many
	// pieces turned out to be damaged: more than one if a file has become shorter. An error (the torrent was dropped,
	// ctx has ended, no file could be opened) says nothing about the data.
	Scrub(ctx context.Context, piece int) (read int64, damaged int, err error)
}

// Waiter is a reader that records what it had to wait for.
type Waiter interface {
	// Waited returns how many pieces were missing when they were to be read, and the addresses of the peers that they
	// came from, at most eight. It may be called after Close, but not while another goroutine reads.
	Waited() (pieces int, from []string)
}

// FilesState is the state of a torrent's files on the disk.
type FilesState struct {
	// Stamp is a digest of all sizes and times. It does not depend on the run or the system.
	Stamp uint64
	// Newest is the latest modification time of the files; zero if there is no file.
	Newest time.Time
	// Changed holds the complete pieces of files that have become shorter, or were written by another program, since
	// the earlier FilesState. Own reports whether the client has written to any file.
	Changed []int
	Own     bool
}

// Info is a torrent's info dictionary.
type Info struct {
	// Name is the torrent's name and the name of its root folder, foreign and not clean.
	Name string
	// Bytes is the bencoded info dictionary.
	Bytes []byte
	// Files holds all files in order, without padding files and symlinks (BEP 47), which cannot be opened.
	Files       []FileInfo
	Size        int64
	PieceLength int64
	Pieces      int
	// Private is the flag of BEP 27: no DHT, PEX or LSD.
	Private bool
}

// FileInfo is one file of a torrent.
type FileInfo struct {
	// Index is the file's index in the info dictionary; indexes of padding files and symlinks are skipped.
	Index int
	// Path holds the parts of the path below the torrent's root: foreign bytes, not clean. A single-file torrent has
	// one file whose path is its name.
	Path []string
	Size int64
	// Tag identifies the file's content (used as an ETag).
	Tag string
}

// Stats holds a torrent's counters at one moment. Bytes are bytes of content.
type Stats struct {
	// Completed is the number of verified bytes.
	Completed int64
	// Kept is how many of them would survive a power cut: they have been flushed and recorded.
	Kept int64
	// Checking reports whether pieces wait to be hashed or are being hashed.
	Checking bool
	// Peers counts the connections, Seeds those to complete peers, WebPeers those over WebRTC.
	Peers, Seeds, WebPeers int
	// Known is the number of known peers.
	Known int
	// Copies, WebCopies, Proven and Tracked count others that have all of it; see copies.Count.
	Copies, WebCopies, Proven, Tracked int
	// Downloaded and Uploaded count since the torrent was added in this run. They never decrease.
	Downloaded, Uploaded int64
	// Fault is a lasting fault such as a full disk (see IsFull), with a message for the user; nil if there is none.
	Fault error
	// MirrorFault says, clean, what is wrong if none of the requested web seeds works; otherwise it is empty.
	MirrorFault string
}

// Status is the state of the whole client.
type Status struct {
	// Port is the TCP and uTP port for peers.
	Port int
	// PortOpen reports whether a peer from outside has connected to it.
	PortOpen bool
	// DHTNodes is the number of good nodes in the routing tables; -1 if the DHT is off.
	DHTNodes int
	// WebTrackers is the number of connected WebTorrent trackers.
	WebTrackers int
	// Online reports whether a tracker, the DHT or a peer has answered in the last few minutes.
	Online bool
	// Disk is the state of the disk that holds the data.
	Disk engine.Disk
	// AnnouncesWaiting counts the announces to trackers that are due and wait for others to end.
	AnnouncesWaiting int
	// Warnings are lasting conditions that the user should know, clean.
	Warnings []string
}

// Completion records which pieces are on disk and verified. The client sets a piece only after its data has been
// flushed. An implementation may be called from many goroutines and must be fast to read.
type Completion interface {
	// Get reports whether the piece is complete; known is false if nothing is recorded about it.
	Get(infohash [20]byte, piece int) (complete, known bool)
	// Set records pieces. It returns when they would survive a power cut, or an error.
	Set(infohash [20]byte, pieces []int, complete bool) error
}
