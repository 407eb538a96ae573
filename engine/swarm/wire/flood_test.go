package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// serveRequests answers the requests of a peer, as a torrent would, until the connection ends.
func serveRequests(c *Conn, parts int, choked bool) error {
	for {
		m, err := c.Read()
		if err != nil {
			return err
		}
		switch m.Type {
		case InfoRequest:
			if m.Info.Piece >= parts {
				c.Send(Message{Type: InfoReject, Info: m.Info})
			} else if !c.ServeInfo(m.Info.Piece) {
				c.Close()
			}
		case Request:
			if choked {
				c.Send(Message{Type: Reject, Block: m.Block})
			} else if !c.Serve(m.Block) {
				c.Close()
			}
		case Cancel:
			if c.Unserve(m.Block) {
				c.Send(Message{Type: Reject, Block: m.Block})
			}
		}
	}
}

// flood writes 2 MB and reads nothing.
func flood(c net.Conn, message func(n int) string) {
	size := 2 << 20
	if testing.Short() {
		size /= 4
	}
	for n, sent := 0, 0; sent < size; n++ {
		b := message(n)
		if _, err := io.WriteString(c, b); err != nil {
			return
		}
		sent += len(b)
	}
}

// TestFloods: a peer that requests much and reads nothing makes few bytes wait, and nothing is left in the end.
func TestFloods(t *testing.T) {
	const oneBlock = BlockSize + 100
	request := func(id byte, n int) string { return frame(id, numbers(0, uint32(n)*BlockSize, BlockSize)) }
	infoRequest := func(part int) string {
		return extended(metadataID, fmt.Sprintf("d8:msg_typei0e5:piecei%dee", part))
	}
	for name, tt := range map[string]struct {
		message func(n int) string
		choked  bool
		want    error
		most    int64 // of what waits
	}{
		"parts of the info dictionary": {func(n int) string { return infoRequest(n % 100) }, false, ErrNotReading, oneBlock},
		"one part again and again":     {func(int) string { return infoRequest(7) }, false, ErrNotReading, oneBlock},
		"parts that there are not": {
			func(n int) string { return infoRequest(100 + n%3000) }, false, ErrNotReading, maxUnreadPerPeer + 100,
		},
		"blocks":    {func(n int) string { return request(idRequest, n%50_000) }, false, ErrClosed, oneBlock},
		"one block": {func(int) string { return request(idRequest, 3) }, false, ErrClosed, oneBlock},
		"blocks while choked": {
			func(n int) string { return request(idRequest, n%50_000) }, true, ErrNotReading, maxUnreadPerPeer + 100,
		},
		"blocks, and none of them": {
			func(n int) string { return request(idRequest, n%50_000) + request(idCancel, n%50_000) }, false, ErrNotReading,
			maxUnreadPerPeer + BlockSize + 100,
		},
		"what was not asked for": {func(n int) string { return request(idCancel, n%50_000) }, false, io.EOF, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbles(t, func(t *testing.T, obfuscate bool) {
				var unread atomic.Int64
				info := make([]byte, 100*BlockSize)
				ours, theirs := started(t, Options{Unread: &unread, Info: func() []byte { return info }}, obfuscate)
				ours.peer.sameIDs()
				most := int64(0)
				var wg sync.WaitGroup
				wg.Go(func() {
					flood(encrypting{theirs.conn}, func(n int) string {
						most = max(most, unread.Load())
						return tt.message(n)
					})
					synctest.Wait()
					most = max(most, unread.Load())
					time.Sleep(writeTimeout + 2*timeoutSlack)
					theirs.Close()
				})
				err := serveRequests(ours, 100, tt.choked)
				if errors.Is(err, io.ErrClosedPipe) {
					err = io.EOF // It was noticed in writing.
				}
				if !errors.Is(err, tt.want) {
					t.Errorf("%v, want %v", err, tt.want)
				}
				ours.Wait()
				wg.Wait()
				if most > tt.most || unread.Load() != 0 {
					t.Errorf("%d bytes waited, want %d at most; %d wait still", most, tt.most, unread.Load())
				}
			})
		})
	}
}

// encrypting encrypts what is written, without a handshake.
type encrypting struct{ *stream }

func (e encrypting) Write(p []byte) (int, error) {
	b := append([]byte(nil), p...)
	e.encrypt(b)
	return e.Conn.Write(b)
}

// TestManyPeersThatDoNotRead: the bytes that wait for all peers together are bounded, and an honest peer among them is
// served.
func TestManyPeersThatDoNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const peers = 500
		var unread atomic.Int64
		var ended atomic.Int32
		rejects := make([]Message, 9000) // 153 KB: less than what ends one connection alone.
		for i := range rejects {
			rejects[i] = Message{Type: Reject, Block: blockAt(i)}
		}
		for range peers {
			ours, _ := started(t, Options{Unread: &unread}, false)
			ours.Serve(blockAt(0))
			ours.Serve(blockAt(1))
			synctest.Wait()
			go func() {
				if _, err := ours.Read(); errors.Is(err, ErrNotReading) {
					ended.Add(1)
				}
			}()
			ours.Send(rejects...)
		}
		honest, theirs := started(t, Options{Unread: &unread}, false)
		honest.Send(rejects[:900]...)
		for n := range 100 {
			honest.Serve(blockAt(n))
		}
		for i := range 900 {
			expectMessage(t, theirs, rejects[i])
		}
		synctest.Wait()
		unread.Add(maxUnreadTotal)
		honest.Send(Message{Type: Unchoke}) // A block is on its way, which does not count as something that nobody reads.
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(0)})
		expectMessage(t, theirs, Message{Type: Unchoke})
		unread.Add(-maxUnreadTotal)
		for n := 1; n < 100; n++ {
			expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(n)})
		}
		synctest.Wait()
		n, most := ended.Load(), int64(maxUnreadTotal+peers*(BlockSize+100))
		if unread.Load() > most || n == 0 || n == peers {
			t.Errorf("%d bytes wait, want %d at most; %d have been hung up on", unread.Load(), most, n)
		}
		honest.Close()
		time.Sleep(writeTimeout + timeoutSlack)
		synctest.Wait()
		if ended.Load() != peers || unread.Load() != 0 {
			t.Errorf("%d bytes wait, and %d have been hung up on", unread.Load(), ended.Load())
		}
	})
}

// TestUnreadBytesAreCounted: unread bytes are counted exactly until they are read or the connection ends.
func TestUnreadBytesAreCounted(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		var unread atomic.Int64
		ours, theirs := started(t, Options{Unread: &unread}, obfuscate)
		expect := func(n int64) {
			t.Helper()
			synctest.Wait()
			if unread.Load() != n {
				t.Errorf("%d bytes wait, want %d", unread.Load(), n)
			}
		}
		ours.Send(Message{Type: Unchoke})
		expect(5)
		ours.Send(Message{Type: Have, Block: Block{Piece: 7}}, Message{Type: Choke})
		expect(5 + 9 + 5)
		expectMessage(t, theirs, Message{Type: Unchoke})
		expect(9 + 5)
		for range 10 {
			ours.Serve(blockAt(0))
		}
		expect(9 + 5)
		expectMessage(t, theirs, Message{Type: Have, Block: Block{Piece: 7}})
		expectMessage(t, theirs, Message{Type: Choke})
		expect(BlockSize + pieceHead)
		if _, err := theirs.in.Discard(pieceHead + 1000); err != nil {
			t.Fatal(err)
		}
		ours.Send(Message{Type: Unchoke})
		ours.Close()
		ours.Wait()
		expect(0)
		ours.Send(Message{Type: Unchoke})
		expect(0)
	})
}
