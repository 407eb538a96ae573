package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// Message ids (BEP 3, 5, 6, 10).
const (
	idChoke         = 0
	idNotInterested = 3
	idHave          = 4
	idBitfield      = 5
	idRequest       = 6
	idPiece         = 7
	idCancel        = 8
	idPort          = 9
	idSuggest       = 13
	idHaveAll       = 14
	idHaveNone      = 15
	idReject        = 16
	idAllowedFast   = 17
	idExtended      = 20
)

// Lengths of the head of a message, and of the head of a block.
const (
	headSize  = 5
	pieceHead = headSize + 8
)

// Limits of messages, in bytes. Messages of unknown kinds are skipped, and so are extended ones that are longer than
// any honest one, unless they are longer than maxSkipped.
const (
	maxExtended = 64 << 10
	maxSkipped  = 1 << 20
)

// blocks pools the buffers of Message.Data.
var blocks = sync.Pool{New: func() any { return new([BlockSize]byte) }}

// Alloc returns a buffer for a block. The caller must pass it to Free.
func Alloc() []byte { return blocks.Get().(*[BlockSize]byte)[:] }

// Free puts the buffer of a block back into the pool; data may be nil.
func Free(data []byte) {
	if cap(data) == BlockSize {
		blocks.Put((*[BlockSize]byte)(data[:BlockSize]))
	}
}

// reader is the reading half of a connection: it parses messages and checks them. It holds what the peer has sent of
// itself (BEP 10). It must be used by one goroutine, except for layout.
type reader struct {
	*bufio.Reader

	layout atomic.Pointer[Layout]
	peer   *peerFeatures
	down   allowance
	ended  <-chan struct{} // closed when nothing must be read any more
	hellos int
	hello  HelloMsg // the merged extended handshakes
}

// next returns the next message that is understood.
func (r *reader) next() (Message, error) {
	for {
		if m, ok, err := r.readMessage(); ok || err != nil {
			return m, err
		}
	}
}

// readMessage reads a message; ok is false for one that is not understood.
func (r *reader) readMessage() (m Message, ok bool, err error) {
	head, err := r.Peek(4)
	if err != nil {
		return m, false, unexpectedEOF(len(head) > 0, err)
	}
	length := int64(binary.BigEndian.Uint32(head)) - 1
	if length < 0 { // A keep-alive.
		_, _ = r.Discard(4)
		return m, false, nil
	}
	if head, err = r.Peek(headSize); err != nil {
		return m, false, unexpectedEOF(len(head) > 0, err)
	}
	id := head[headSize-1]
	if id == idPiece {
		m, err = r.readPiece(length)
		return m, err == nil, err
	}
	least, most, known := bounds(id)
	if known && (length < least || length > most) || length > maxSkipped {
		return m, false, fmt.Errorf("wire: a message of kind %d is %d bytes long", id, length)
	}
	if !known || id == idExtended && length > maxExtended {
		_, err := r.Discard(headSize + int(length))
		return m, false, unexpectedEOF(true, err)
	}
	return r.readBody(id, int(length))
}

// unexpectedEOF returns io.ErrUnexpectedEOF for an EOF within a message.
func unexpectedEOF(begun bool, err error) error {
	if begun && errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// bounds are how short and long a message of a kind may be, without its first five bytes.
func bounds(id byte) (least, most int64, known bool) {
	switch id {
	case idHave, idSuggest, idAllowedFast:
		return 4, 4, true
	case idBitfield:
		return 0, MaxPieces / 8, true
	case idRequest, idCancel, idReject:
		return 12, 12, true
	case idPort:
		return 2, 2, true
	case idHaveAll, idHaveNone:
		return 0, 0, true
	case idExtended:
		return 0, maxSkipped, true
	}
	return 0, 0, id <= idNotInterested
}

// readPiece reads a block directly into its final buffer.
func (r *reader) readPiece(length int64) (Message, error) {
	if length > math.MaxInt32 || length < pieceHead-headSize {
		return Message{}, fmt.Errorf("wire: a message with a block is %d bytes long", length)
	}
	head, err := r.Peek(pieceHead)
	if err != nil {
		return Message{}, unexpectedEOF(true, err)
	}
	b := Block{
		Piece: number(head[headSize:]), Begin: number(head[headSize+4:]), Length: int(length) - (pieceHead - headSize),
	}
	if err := r.layout.Load().checkBlock(b); err != nil {
		return Message{}, err
	}
	if r.down.limit != nil && !r.down.wait(b.Length, r.ended) {
		return Message{}, ErrClosed
	}
	_, _ = r.Discard(pieceHead)
	data := Alloc()[:b.Length]
	if _, err := io.ReadFull(r, data); err != nil {
		Free(data)
		return Message{}, unexpectedEOF(true, err)
	}
	return Message{Type: Piece, Block: b, Data: data}, nil
}

// readBody reads the rest of a message that is not a block.
func (r *reader) readBody(id byte, length int) (m Message, ok bool, err error) {
	var body []byte
	short := headSize+length <= readBuffer
	if short {
		var whole []byte
		if whole, err = r.Peek(headSize + length); err != nil {
			return m, false, unexpectedEOF(true, err)
		}
		body = whole[headSize:]
	} else {
		_, _ = r.Discard(headSize)
		if body, err = r.readLong(length); err != nil {
			return m, false, unexpectedEOF(true, err)
		}
	}
	if id == idExtended {
		m, ok = r.parseExtended(body)
	} else {
		m, ok = parseMessage(id, body), true
	}
	if short {
		_, _ = r.Discard(headSize + length)
	}
	if !ok {
		return m, false, nil
	}
	if err := r.layout.Load().Check(&m); err != nil {
		if m.Type == Suggest || m.Type == AllowedFast { // They are hints, and may be ignored.
			err = nil
		}
		return Message{}, false, err
	}
	return m, true, nil
}

// readLong reads n bytes. It allocates at most twice as many bytes as have arrived.
func (r *reader) readLong(n int) ([]byte, error) {
	b := make([]byte, 0, min(n, 2*readBuffer))
	for {
		got, err := io.ReadFull(r, b[len(b):min(n, cap(b))])
		if b = b[:len(b)+got]; err != nil || len(b) == n {
			return b, err
		}
		b = slices.Grow(b, min(len(b), n-len(b)))
	}
}

// number parses a number. One that is too large for any valid message is too large on all systems.
func number(b []byte) int { return int(min(binary.BigEndian.Uint32(b), math.MaxInt32)) }

// parseMessage parses the body of a message that is neither a block nor extended. It keeps no reference to body.
func parseMessage(id byte, body []byte) Message {
	switch id {
	case idHave:
		return Message{Type: Have, Block: Block{Piece: number(body)}}
	case idBitfield:
		return Message{Type: Bitfield, Bits: append([]byte{}, body...)}
	case idRequest:
		return Message{Type: Request, Block: parseBlock(body)}
	case idCancel:
		return Message{Type: Cancel, Block: parseBlock(body)}
	case idReject:
		return Message{Type: Reject, Block: parseBlock(body)}
	case idPort:
		return Message{Type: Port, Port: binary.BigEndian.Uint16(body)}
	case idSuggest:
		return Message{Type: Suggest, Block: Block{Piece: number(body)}}
	case idHaveAll:
		return Message{Type: HaveAll}
	case idHaveNone:
		return Message{Type: HaveNone}
	case idAllowedFast:
		return Message{Type: AllowedFast, Block: Block{Piece: number(body)}}
	}
	return Message{Type: Choke + Type(id-idChoke)} // Unchoke, Interested and NotInterested follow in the same order.
}

func parseBlock(b []byte) Block {
	return Block{Piece: number(b), Begin: number(b[4:]), Length: number(b[8:])}
}
