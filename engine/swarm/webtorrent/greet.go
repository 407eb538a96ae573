package webtorrent

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// handshake is the start of a BitTorrent connection (BEP 3): the protocol name, eight reserved bytes, the infohash and
// the sender's peer id.
type handshake [68]byte

const protocol = "\x13BitTorrent protocol"

func newHandshake(reserved [8]byte, infohash, peerID [20]byte) (h handshake) {
	n := copy(h[:], protocol)
	n += copy(h[n:], reserved[:])
	n += copy(h[n:], infohash[:])
	copy(h[n:], peerID[:])
	return h
}

func (h *handshake) infohash() [20]byte { return [20]byte(h[28:48]) }
func (h *handshake) peerID() [20]byte   { return [20]byte(h[48:68]) }

// exchangeHandshakes sends the torrent client's handshake on a new connection and waits for the other side's, which
// the next Read returns again.
func exchangeHandshakes(conn *Conn, ours handshake, limit time.Duration) error {
	_ = conn.SetDeadline(time.Now().Add(limit))
	if _, err := conn.Write(ours[:]); err != nil {
		return fmt.Errorf("webtorrent: send handshake: %w", err)
	}
	var theirs handshake
	if _, err := io.ReadFull(conn, theirs[:]); err != nil {
		return fmt.Errorf("webtorrent: receive handshake: %w", err)
	}
	switch {
	case string(theirs[:len(protocol)]) != protocol:
		return errors.New("webtorrent: the peer does not speak BitTorrent")
	case theirs.infohash() != conn.infohash:
		return errors.New("webtorrent: the peer's handshake is about another torrent")
	case theirs.peerID() == ours.peerID():
		return errors.New("webtorrent: connected to ourselves")
	}
	conn.reading.Lock()
	conn.unread = append(theirs[:], conn.unread...)
	conn.reading.Unlock()
	conn.writing.Lock()
	conn.greeting = ours[:]
	conn.writing.Unlock()
	return conn.SetDeadline(time.Time{})
}
