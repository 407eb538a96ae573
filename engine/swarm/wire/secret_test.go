package wire

import (
	"errors"
	"expvar"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/anacrolix/torrent/mse"
)

// Package mse records the offer of each peer for ever. A peer that knows an infohash must not fill the memory with
// offers.
func TestMSEOffersAreForgotten(t *testing.T) {
	hash := [20]byte{1}
	for offer := range mse.CryptoMethod(5) {
		ours, theirs := net.Pipe()
		var wg sync.WaitGroup
		wg.Go(func() {
			hello := Handshake{Infohash: hash, PeerID: [20]byte{2}}
			_, _, _ = mse.InitiateHandshake(theirs, hash[:], hello.bytes(), offer<<8|mse.CryptoMethodRC4)
			_, _ = io.Copy(io.Discard, theirs)
		})
		c, err := Accept(t.Context(), ours, AcceptOptions{
			Ours:       func([20]byte) (Handshake, bool) { return Handshake{Infohash: hash, PeerID: [20]byte{3}}, true },
			Infohashes: slices.Values([][20]byte{hash}),
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = c.conn.Close()
		wg.Wait()
	}
	kept := 0
	expvar.Get("mseCryptoProvides").(*expvar.Map).Do(func(expvar.KeyValue) { kept++ })
	if kept > 0 {
		t.Errorf("%d offers are kept", kept)
	}
}

// A peer that proves that it knows one torrent does not get another one.
func TestMSEOfAnotherTorrent(t *testing.T) {
	known, other := [20]byte{1}, [20]byte{2}
	ours, theirs := net.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		hello := Handshake{Infohash: other, PeerID: [20]byte{2}}
		_, _, _ = mse.InitiateHandshake(theirs, known[:], hello.bytes(), mse.CryptoMethodRC4)
		_, _ = io.Copy(io.Discard, theirs)
	})
	_, err := Accept(t.Context(), ours, AcceptOptions{
		Ours:       func(hash [20]byte) (Handshake, bool) { return Handshake{Infohash: hash, PeerID: [20]byte{3}}, true },
		Infohashes: slices.Values([][20]byte{known, other}),
	})
	if !errors.Is(err, ErrOtherTorrent) {
		t.Errorf("%v", err)
	}
	wg.Wait()
}
