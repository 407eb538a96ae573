package pkarr

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"

	"wtptui/engine"
)

// Payload returns the item in the format of pkarr relays: signature (64 bytes), sequence number (8, big-endian) and
// DNS packet. It returns false for an item without a DNS packet, which relays do not accept.
func (i Item) Payload() ([]byte, bool) {
	packet, ok := i.Packet()
	if !ok {
		return nil, false
	}
	return i.encode(packet), true
}

// ParsePayload parses a pkarr relay's response for a key. The error, also for a wrong signature, has Kind Refused.
func ParsePayload(key engine.PublicKey, payload []byte) (Item, error) {
	i, packet, err := decode(key, payload)
	if err != nil {
		return Item{}, err
	}
	i.Value = bencodeString(packet)
	return checked(i)
}

// Bytes returns the item, without its key, in the format for the disk.
func (i Item) Bytes() []byte { return i.encode(i.Value) }

// ParseBytes parses the result of Bytes. The error, also for a wrong signature, has Kind Refused.
func ParseBytes(key engine.PublicKey, b []byte) (Item, error) {
	i, value, err := decode(key, b)
	if err != nil {
		return Item{}, err
	}
	i.Value = bytes.Clone(value)
	return checked(i)
}

// checked returns the item if it is valid, otherwise an error.
func checked(i Item) (Item, error) {
	if err := i.Check(); err != nil {
		return Item{}, err
	}
	return i, nil
}

func (i Item) encode(value []byte) []byte {
	b := append([]byte{}, i.Sig[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(i.Seq))
	return append(b, value...)
}

func decode(key engine.PublicKey, b []byte) (i Item, value []byte, err error) {
	const head = ed25519.SignatureSize + 8
	if len(b) < head || len(b) > head+MaxValue {
		return Item{}, nil, refused("a record of %d bytes: it must have %d to %d", len(b), head, head+MaxValue)
	}
	i = Item{Key: key, Sig: [ed25519.SignatureSize]byte(b), Seq: int64(binary.BigEndian.Uint64(b[ed25519.SignatureSize:]))}
	return i, b[head:], nil
}
