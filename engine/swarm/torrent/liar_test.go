package torrent

import (
	"slices"
	"testing"
	"time"

	"wtptui/engine/swarm/wire"
)

// liarsAndSeeds has some peers call that give everything, the first ones of them wrong.
func (w *world) liarsAndSeeds(n *node, liars, lies, seeds int) (lie, honest []*puppet) {
	w.Helper()
	for range liars {
		lie = append(lie, w.connectSeed(n, puppetConfig{wrongEvery: lies}))
	}
	for range seeds {
		honest = append(honest, w.connectSeed(n, puppetConfig{}))
	}
	return lie, honest
}

// Whoever gives wrong blocks goes and whoever gives right ones stays, however they are mixed in pieces.
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
				lie, honest := w.liarsAndSeeds(n, c.liars, c.lies, c.seeds)
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

// blamed reports whether a node has been told that a puppet gave something wrong.
func blamed(n *node, p *puppet) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.blamed, p.host.PublicAddr())
}

// A block at a time comes from each of two, in the same piece.
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

// A liar that was called is not called again soon.
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
