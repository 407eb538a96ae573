package wire

import (
	"bytes"
	"os"
	"slices"
	"testing"
	"testing/synctest"
)

// content fills any block of any torrent.
func content(b Block, p []byte) error {
	for i := range p {
		p[i] = byte(b.Piece + (b.Begin+i)/251 + i)
	}
	return nil
}

// blockAt returns the nth block of a torrent with pieces of many blocks.
func blockAt(n int) Block { return Block{Piece: 0, Begin: n * BlockSize, Length: BlockSize} }

// started returns a connection over a pipe that has started to send, and its other end, whose Conn has not. Nothing is
// written before it is read. It is for bubbles.
func started(t *testing.T, o Options, obfuscate bool) (ours, theirs *Conn) {
	if o.Block == nil {
		o.Block = content
	}
	theirs, ours = connected(t, pipe, obfuscate)
	ours.Start(o)
	return ours, theirs
}

// expectMessage reads a message and compares it.
func expectMessage(t *testing.T, c *Conn, want Message) {
	t.Helper()
	m, err := c.Read()
	if err != nil {
		t.Fatalf("%v in place of %+v", err, want)
	}
	if m.Type == Piece {
		data := make([]byte, want.Block.Length)
		_ = content(want.Block, data)
		if !bytes.Equal(m.Data, data) {
			t.Errorf("the data of %v are wrong", m.Block)
		}
		Free(m.Data)
	}
	if m.Type != want.Type || m.Block != want.Block {
		t.Errorf("heard %d %v, want %d %v", m.Type, m.Block, want.Type, want.Block)
	}
}

// inBubbles runs a test over plain and obfuscated connections.
func inBubbles(t *testing.T, f func(t *testing.T, obfuscate bool)) {
	t.Helper()
	for name, obfuscate := range map[string]bool{"plain": false, "obfuscated": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, obfuscate) })
		})
	}
}

// TestCancelledMessagesAreNotSent: cancelled blocks are not sent, and later messages come after those that are on their
// way.
func TestCancelledMessagesAreNotSent(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		ours, theirs := started(t, Options{}, obfuscate)
		ours.peer.sameIDs()
		ours.Serve(blockAt(0))
		synctest.Wait() // It is on its way.
		for n := 1; n < 4; n++ {
			ours.Serve(blockAt(n))
		}
		ours.ServeInfo(5)
		unserved := ours.UnserveAll()
		if !slices.Equal(unserved, []Block{blockAt(1), blockAt(2), blockAt(3)}) {
			t.Errorf("not served are %v", unserved)
		}
		ours.Send(Message{Type: Choke})
		for _, b := range unserved {
			ours.Send(Message{Type: Reject, Block: b})
		}
		ours.Serve(blockAt(9)) // It may be had while choked.
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(0)})
		expectMessage(t, theirs, Message{Type: Choke})
		for n := 1; n < 4; n++ {
			expectMessage(t, theirs, Message{Type: Reject, Block: blockAt(n)})
		}
		expectMessage(t, theirs, Message{Type: InfoReject}) // There is no such part.
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(9)})
	})
}

// TestUnserve: blocks that a peer cancels are not sent unless they are on their way.
func TestUnserve(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		sent := 0
		ours, theirs := started(t, Options{Sent: func(n int) { sent += n }}, obfuscate)
		ours.Serve(blockAt(0))
		synctest.Wait()
		ours.Serve(blockAt(1))
		ours.Serve(blockAt(2))
		for n, want := range []bool{false, true, true} {
			if got := ours.Unserve(blockAt(n)); got != want {
				t.Errorf("block %d is taken back: %t", n, got)
			}
		}
		if ours.Unserve(blockAt(1)) {
			t.Error("a block is taken back twice")
		}
		last := Block{Piece: 7, Begin: 3, Length: 1}
		ours.Serve(last)
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(0)})
		expectMessage(t, theirs, Message{Type: Piece, Block: last})
		synctest.Wait()
		if sent != BlockSize+1 {
			t.Errorf("%d bytes of content were sent", sent)
		}
	})
}

// TestUnreadableBlockIsRejected: a block that cannot be read is rejected if the peer supports that, and is not counted.
func TestUnreadableBlockIsRejected(t *testing.T) {
	for _, fast := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			sent := 0
			o := Options{Sent: func(n int) { sent += n }, Block: func(b Block, p []byte) error {
				if b.Piece == 3 {
					return os.ErrNotExist
				}
				return content(b, p)
			}}
			ours, theirs := started(t, o, false)
			ours.peer.fast = fast
			for _, length := range []int{1, 5, BlockSize} {
				ours.Serve(Block{Piece: 3, Length: length})
			}
			ours.Serve(blockAt(0))
			if fast {
				for _, length := range []int{1, 5, BlockSize} {
					expectMessage(t, theirs, Message{Type: Reject, Block: Block{Piece: 3, Length: length}})
				}
			}
			expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(0)})
			synctest.Wait()
			if sent != BlockSize {
				t.Errorf("%d bytes of content were sent", sent)
			}
		})
	}
}

// TestInfoParts: parts of the info dictionary are sent, each once at a time, and others are rejected.
func TestInfoParts(t *testing.T) {
	info := bytes.Repeat([]byte("info"), BlockSize/4+2)
	known := func() []byte { return info }
	for name, tt := range map[string]struct {
		info func() []byte
		part int
		want Message
	}{
		"the first":   {known, 0, Message{Type: InfoPiece, Info: InfoMsg{0, len(info), info[:BlockSize]}}},
		"the last":    {known, 1, Message{Type: InfoPiece, Info: InfoMsg{1, len(info), info[BlockSize:]}}},
		"none":        {known, 2, Message{Type: InfoReject, Info: InfoMsg{Piece: 2}}},
		"not known":   {func() []byte { return nil }, 0, Message{Type: InfoReject}},
		"never known": {nil, 0, Message{Type: InfoReject}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := started(t, Options{Info: tt.info}, true)
				ours.peer.sameIDs()
				ours.Send(Message{Type: Unchoke})
				synctest.Wait() // This is on its way.
				for range 5 {
					if !ours.ServeInfo(tt.part) {
						t.Error("too many wait")
					}
				}
				ours.Serve(blockAt(0))
				expectMessage(t, theirs, Message{Type: Unchoke})
				m, err := theirs.Read()
				if err != nil || m.Type != tt.want.Type || m.Info.Piece != tt.want.Info.Piece || m.Info.Size != tt.want.Info.Size ||
					!bytes.Equal(m.Info.Data, tt.want.Info.Data) {
					t.Errorf("%v, %.200v", err, m)
				}
				expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(0)})
			})
		})
	}
}

// TestNextBlockIsChosen: the next block may be another than the one requested first, but no part of the info dictionary
// waits for that.
func TestNextBlockIsChosen(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		var offered []int
		ours, theirs := started(t, Options{
			Info: func() []byte { return []byte("info") },
			Next: func(waiting []Block) int {
				offered = append(offered, len(waiting))
				return len(waiting) - 1
			},
		}, obfuscate)
		ours.peer.sameIDs()
		theirs.peer.sameIDs()
		ours.Serve(blockAt(0))
		synctest.Wait() // It is on its way.
		for n := 1; n < 4; n++ {
			ours.Serve(blockAt(n))
		}
		ours.ServeInfo(0)
		ours.Serve(blockAt(4))
		for _, n := range []int{0, 3, 2, 1} {
			expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(n)})
		}
		expectMessage(t, theirs, Message{Type: InfoPiece})
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(4)})
		if !slices.Equal(offered, []int{1, 3, 2, 1, 1}) {
			t.Errorf("it is offered %v", offered)
		}
	})
}
