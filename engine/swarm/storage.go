package swarm

import (
	"context"
	"errors"

	"github.com/anacrolix/torrent/metainfo"
	"github.com/anacrolix/torrent/storage"

	"wtptui/engine/swarm/disk"
)

// refusingStorage is the client's default storage: each torrent brings its own, after its limits were checked.
type refusingStorage struct{}

// OpenTorrent implements storage.ClientImpl.
func (refusingStorage) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{}, errors.New("swarm: the torrent has no storage")
}

// torrentStorage lends the data of one torrent to the library. It is not closed with the library's torrent, which
// leaves and joins the swarm again while the data stays open.
type torrentStorage struct {
	owner *handle
	data  *disk.Torrent
	// verified is called after a piece was found to be right.
	verified func()
}

// OpenTorrent implements storage.ClientImpl.
func (s torrentStorage) OpenTorrent(context.Context, *metainfo.Info, metainfo.Hash) (storage.TorrentImpl, error) {
	return storage.TorrentImpl{
		Piece:     s.piece,
		NewReader: func() storage.TorrentReader { return torrentReader{s.data} },
		Close:     func() error { return nil },
	}, nil
}

func (s torrentStorage) piece(p metainfo.Piece) storage.PieceImpl {
	return piece{torrentStorage: s, index: p.Index(), offset: p.Offset()}
}

// torrentReader gives verified bytes.
type torrentReader struct{ *disk.Torrent }

func (torrentReader) Close() error { return nil }

// piece implements storage.PieceImpl.
type piece struct {
	torrentStorage
	index  int
	offset int64
}

func (p piece) ReadAt(b []byte, off int64) (int, error)  { return p.data.ReadAt(b, p.offset+off) }
func (p piece) WriteAt(b []byte, off int64) (int, error) { return p.data.WriteAt(b, p.offset+off) }

func (p piece) MarkComplete() error {
	p.data.Complete(p.index)
	p.verified()
	return nil
}

func (p piece) MarkNotComplete() error {
	p.data.Incomplete(p.index)
	return nil
}

func (p piece) Completion() storage.Completion {
	done, known := p.data.Piece(p.index)
	return storage.Completion{Complete: done, Ok: known}
}
