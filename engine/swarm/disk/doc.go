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
// Start with Store in store.go; one torrent's data is Torrent in torrent.go; flush.go says when it is flushed,
// sync.go how, and record.go what is recorded then. names.go has all names on the disk, folder.go and delete.go what
// else is done with a folder.
package disk
