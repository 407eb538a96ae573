package swarm

import (
	"testing"

	"wtptui/engine/enginetest"
)

// Two visitors connect before either knows the info dictionary. One receives it from a seed that cannot be dialed, so
// that nobody else finds it, and passes everything on.
func TestPeersConnectedBeforeEitherHasTheInfo(t *testing.T) {
	s := newSite(t, 16<<10, 50_000, 300)
	one, other := start(t, config(t)), start(t, config(t))
	first, second := add(t, one, Spec{Infohash: s.hash}), add(t, other, Spec{Infohash: s.hash})
	connect(first, other)
	eventually(t, "the visitors have met", func() bool { return first.Stats().Peers == 1 && second.Stats().Peers == 1 })

	seed := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: siteBlock(s, 16<<10)}
	seed.connectTo(one)
	ready(t, first)
	ready(t, second)
	eventually(t, "both have everything", func() bool { return complete(first) && complete(second) })
	same(t, second, s)
}

// A torrent without peers can be given its info dictionary by a person, whether it is paused or not.
func TestSetInfo(t *testing.T) {
	for _, paused := range []bool{false, true} {
		s := newSite(t, 16<<10, 50_000)
		c := start(t, config(t))
		tor := add(t, c, Spec{Infohash: s.hash, Paused: paused})
		tor.SetInfo([]byte("d4:name1:xe")) // another torrent's
		if tor.Info() != nil {
			t.Error("it took what is not its own")
		}
		tor.SetInfo(s.info)
		ready(t, tor)
		if err := tor.Err(); err != nil || len(tor.Info().Files) != 1 {
			t.Fatalf("paused %v: %v, %+v", paused, err, tor.Info())
		}
		tor.SetInfo(s.info) // twice is once
		tor.SetPaused(false)
		seed := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: siteBlock(s, 16<<10)}
		seed.connectTo(c)
		same(t, tor, s)
	}
}

// A peer may leave at the very moment when the info dictionary becomes known.
func TestPeerLeavesAsInfoComes(t *testing.T) {
	c := start(t, config(t))
	for i := range 20 {
		s := newSite(t, 16<<10, 50_000, i)
		tor := add(t, c, Spec{Infohash: s.hash})
		seed := &badPeer{t: t, hash: rawHash(t, s.hash)} // has it all, but does not tell what it is
		seed.connectTo(c)
		var address string
		eventually(t, "the peer has told what it has", func() bool {
			for _, p := range tor.Peers() {
				if !p.PeerChoking { // the last that it says
					address = p.Address
				}
			}
			return address != ""
		})
		tor.(*handle).swarm.Load().SetMaxPeers(0)
		tor.SetInfo(s.info)
		ready(t, tor)
		dropped(t, tor, "that it has everything")
		enginetest.Receive(t, seed.gone, "the client to hang up")
	}
}
