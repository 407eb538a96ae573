// Package disk stores the data of torrents: numbered files in a folder per infohash, and which pieces of them are
// verified.
//
// It knows pieces, offsets and files on disk. It must not know peers, hash algorithms, or the names that a torrent
// gives its files, none of which ever reach the disk. Beside the data are small state files that describe it; this
// package only knows that they are complete. It makes three guarantees: ReadAt returns bytes of verified pieces only,
// whatever happens to the files meanwhile; a piece is recorded as complete only after its data, and the names of its
// files, have been flushed; and nothing is deleted that was not made here.
//
// Start with Store in store.go, and folders in folder.go, which handles whole folders. The data of one torrent is
// Torrent in torrent.go: files are its bytes, ledger holds the state of its pieces, recorder flushes the bytes and
// records the state, and lifetime closes them. flush.go decides when data is flushed, sync.go how; names.go defines
// all names on the disk.
package disk
