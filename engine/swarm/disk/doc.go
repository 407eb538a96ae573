// Package disk keeps the data of torrents: numbered files in a folder per infohash, and which pieces of them are
// verified.
//
// It knows pieces, offsets and files on disk; it must not know peers, hashes' algorithms, or the names that a torrent
// gives its files, none of which ever touch the disk. Beside the data lie small files in which their owner says what
// it is; this package knows no more of them than that they are whole. Three promises are kept here and nowhere else:
// ReadAt gives bytes of verified pieces only, whatever happens to the files meanwhile; a piece is recorded as
// complete only after its data, and the names of its files, have been flushed; and nothing is deleted that was not
// made here.
//
// Start with Store in store.go, and folders in folder.go, which has what is done with whole folders. One torrent's data
// is Torrent in torrent.go: files are its bytes, ledger what is known of its pieces, recorder flushes the one and has the
// other remembered, and lifetime lets them be closed. flush.go says when it is flushed, sync.go how; names.go has all
// names on the disk.
package disk
