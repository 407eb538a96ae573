package torrent

import (
	"slices"
	"testing"
	"time"

	"wtptui/engine/swarm/wire"
)

// connectLiarsAndSeeds connects complete peers, of which the first ones send wrong blocks.
func (w *world) connectLiarsAndSeeds(n *node, liars, lies, seeds int) (lie, honest []*puppet) {
	w.Helper()
	for range liars {
		lie = append(lie, w.connectSeed(n, puppetConfig{wrongEvery: lies}))
	}
	for range seeds {
		honest = append(honest, w.connectSeed(n, puppetConfig{}))
	}
	return lie, honest
}

// Peers that send wrong blocks are disconnected, and those that send right ones stay, however they are mixed in
// pieces.
func TestLiars(t *testing.T) {
	for name, c := range map[string]struct{ liars, lies, seeds int }{
		"one alone":       {1, 1, 1},
		"among several":   {1, 1, 5},
		"as many":         {3, 1, 3},
		"nearly all":      {5, 1, 1},
		"nobody":          {0, 1, 3},
		"seldom":          {1, 20, 2},
		"seldom, several": {3, 7, 3},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				w.site = newSite(w, 64*wire.BlockSize*8, 64*wire.BlockSize, 1) // Large pieces are of many.
				n := w.node(options{})
				n.AllowFetch(false)
				lie, honest := w.connectLiarsAndSeeds(n, c.liars, c.lies, c.seeds)
				waitASecond()
				n.AllowFetch(true)
				w.waitUntilComplete(n)
				waitASecond()
				for _, p := range honest {
					if blamed(n, p) {
						w.Error("an honest peer is blamed")
					}
				}
				caught := 0
				for _, p := range lie {
					if blamed(n, p) {
						caught++
					}
				}
				w.Logf("%d of %d liars were caught", caught, len(lie))
				if n.Stats().Down > 4*w.site.layout.Size {
					w.Errorf("%d bytes were fetched for %d", n.Stats().Down, w.site.layout.Size)
				}
			})
		})
	}
}

// blamed reports whether a node has been notified that a puppet sent wrong data.
func blamed(n *node, p *puppet) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.blamed, p.host.PublicAddr())
}

// A liar and an honest peer send the blocks of one piece in turns.
func TestSmartBan(t *testing.T) {
	runInWorld(t, func(w *world) {
		w.site = newSite(w, 4*wire.BlockSize, 4*wire.BlockSize, 1)
		n := w.node(options{})
		honest, liar := w.connectPuppet(n, puppetConfig{}), w.connectPuppet(n, puppetConfig{wrongEvery: 1})
		for _, p := range []*puppet{honest, liar} {
			p.sendHello(func(h *wire.HelloMsg) { h.Requests = 3 }) // of which two are used
			p.Send(w.fullBitfield())
		}
		waitASecond()
		honest.sendTypes(wire.Unchoke)
		liar.sendTypes(wire.Unchoke)
		honest.serveRequests()
		liar.serveRequests()
		w.waitUntilComplete(n)
		time.Sleep(time.Minute)
		if !blamed(n, liar) || blamed(n, honest) {
			w.Errorf("the liar is blamed: %v, the honest one: %v", blamed(n, liar), blamed(n, honest))
		}
	})
}

// A liar that was dialed is not dialed again soon.
func TestLiarIsNotDialedAgain(t *testing.T) {
	runInWorld(t, func(w *world) {
		d := w.listenAsPuppets(puppetConfig{wrongEvery: 1})
		n := w.node(options{})
		n.addGivenPeers(d.addr)
		p := d.nextPuppet()
		p.sendTypes(wire.HaveAll, wire.Unchoke)
		p.serveRequests()
		time.Sleep(liarBanTime / 2)
		if len(d.puppets) > 0 {
			w.Error("it is called again")
		}
		w.connectSeed(n, puppetConfig{})
		w.waitUntilComplete(n)
	})
}
