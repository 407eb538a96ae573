package pkarr

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"

	"wtptui/engine"
)

// Payload returns the item as pkarr relays take it: signature (64 bytes), sequence number (8, big-endian) and DNS
// packet. It is false for an item that has no DNS packet, which relays do not take.
func (i Item) Payload() ([]byte, bool) {
	packet, ok := i.Packet()
	if !ok {
		return nil, false
	}
	return i.framed(packet), true
}

// ParsePayload reads what a pkarr relay has of a key. Its errors, also for a wrong signature, have Kind Refused.
func ParsePayload(key engine.PublicKey, payload []byte) (Item, error) {
	i, packet, err := parseFramed(key, payload)
	if err != nil {
		return Item{}, err
	}
	i.Value = text(packet)
	return checked(i)
}

// Bytes returns the item, without its key, in the form for the disk.
func (i Item) Bytes() []byte { return i.framed(i.Value) }

// ParseBytes reads what Bytes gave. Its errors, also for a wrong signature, have Kind Refused.
func ParseBytes(key engine.PublicKey, b []byte) (Item, error) {
	i, value, err := parseFramed(key, b)
	if err != nil {
		return Item{}, err
	}
	i.Value = bytes.Clone(value)
	return checked(i)
}

// checked returns the item, or none and why it cannot be its owner's.
func checked(i Item) (Item, error) {
	if err := i.Check(); err != nil {
		return Item{}, err
	}
	return i, nil
}

func (i Item) framed(value []byte) []byte {
	b := append([]byte{}, i.Sig[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(i.Seq))
	return append(b, value...)
}

func parseFramed(key engine.PublicKey, b []byte) (i Item, value []byte, err error) {
	const head = ed25519.SignatureSize + 8
	if len(b) < head || len(b) > head+MaxValue {
		return Item{}, nil, refused("a record of %d bytes: it must have %d to %d", len(b), head, head+MaxValue)
	}
	i = Item{Key: key, Sig: [ed25519.SignatureSize]byte(b), Seq: int64(binary.BigEndian.Uint64(b[ed25519.SignatureSize:]))}
	return i, b[head:], nil
}
