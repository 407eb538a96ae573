package torrent

import (
	"bytes"
	"crypto/sha1"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// makeInfoLong makes the info dictionary of the site so many parts long.
func (w *world) makeInfoLong(parts int) {
	w.site.info = bencode.MustMarshal(metainfo.Info{
		Name: "site.bin", Length: w.site.layout.Size, PieceLength: w.site.layout.PieceLength, Pieces: w.site.sums,
		Source: string(bytes.Repeat([]byte("x"), parts*infoPartSize-300)),
	})
	w.site.hash = sha1.Sum(w.site.info)
}

// serveInfo has the puppet serve an info dictionary, a part every so often.
func (p *puppet) serveInfo(raw []byte, every time.Duration) {
	p.info = raw
	p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(raw) })
	p.handleInfoRequests(func(m wire.Message) {
		time.Sleep(every)
		p.ServeInfo(m.Info.Piece)
	})
}

func (p *puppet) handleInfoRequests(f func(wire.Message)) {
	p.handleMessages(func(m wire.Message) {
		if m.Type == wire.InfoRequest {
			f(m)
		}
	})
}

// The kinds of peers that tell an info dictionary.
var tellers = map[string]func(p *puppet){
	"honest": func(p *puppet) { p.serveInfo(p.w.site.info, 0) },
	"liar":   func(p *puppet) { p.serveInfo(bytes.Repeat([]byte("l"), len(p.w.site.info)), 0) },
	"long liar": func(p *puppet) {
		p.serveInfo(bytes.Repeat([]byte("l"), engine.MaxMetainfoSize), 0)
	},
	"silent":      func(p *puppet) { p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(p.w.site.info) }) },
	"silent long": func(p *puppet) { p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = engine.MaxMetainfoSize }) },
	"too long":    func(p *puppet) { p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = engine.MaxMetainfoSize + 1 }) },
	"slow":        func(p *puppet) { p.serveInfo(p.w.site.info, 2*time.Second) },
	"trickling":   func(p *puppet) { p.serveInfo(bytes.Repeat([]byte("l"), engine.MaxMetainfoSize), 2*time.Second) },
	"ignorant":    func(p *puppet) { p.sendHello(nil) },
	"without metadata": func(p *puppet) {
		p.sendHello(func(h *wire.HelloMsg) { h.InfoSize, h.Metadata = len(p.w.site.info), false })
	},
	"rejecting": func(p *puppet) {
		p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(p.w.site.info) })
		p.handleInfoRequests(func(m wire.Message) {
			p.Send(wire.Message{Type: wire.InfoReject, Info: m.Info})
		})
	},
	"leaving": func(p *puppet) {
		p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(p.w.site.info) })
		p.handleInfoRequests(func(m wire.Message) {
			p.Close()
		})
	},
	"of another size": func(p *puppet) {
		p.sendHello(func(h *wire.HelloMsg) { h.InfoSize = len(p.w.site.info) })
		p.handleInfoRequests(func(m wire.Message) {
			m.Type, m.Info.Size, m.Info.Data = wire.InfoPiece, 5, []byte("short")
			p.Send(m)
		})
	},
}

// The info dictionary arrives in time from a peer that sends the right one, whatever others send.
func TestInfoDownload(t *testing.T) {
	for name, c := range map[string]struct {
		parts  int // of the dictionary; a short one if it is 0
		first  []string
		last   string
		within time.Duration
	}{
		"one":                   {last: "honest", within: time.Second},
		"one, long":             {parts: 100, last: "honest", within: time.Second},
		"one, slow":             {last: "slow", within: 3 * time.Second},
		"one, long and slow":    {parts: 20, last: "slow", within: time.Minute},
		"a liar":                {first: []string{"liar"}, last: "honest", within: time.Second},
		"many liars":            {first: repeat("liar", 20), last: "honest", within: time.Second},
		"many long liars":       {first: repeat("long liar", 5), last: "honest", within: 10 * time.Second},
		"many that are silent":  {first: repeat("silent", 9), last: "honest", within: 15 * time.Second},
		"silent and long":       {first: repeat("silent long", 9), last: "honest", within: time.Minute},
		"many that trickle":     {first: repeat("trickling", 9), last: "honest", within: time.Minute},
		"many that reject":      {first: repeat("rejecting", 20), last: "honest", within: time.Second},
		"many that leave":       {first: repeat("leaving", 20), last: "honest", within: time.Second},
		"many that do not know": {first: repeat("ignorant", 20), last: "honest", within: time.Second},
		"no extension":          {first: repeat("without metadata", 20), last: "honest", within: time.Second},
		"too long":              {first: repeat("too long", 20), last: "honest", within: time.Second},
		"of another size":       {first: repeat("of another size", 3), last: "honest", within: 5 * time.Second},
		"a slow one, long":      {parts: 40, first: []string{"slow"}, last: "honest", within: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				if c.parts > 0 {
					w.makeInfoLong(c.parts)
				}
				n := w.node(options{magnet: true})
				for _, kind := range append(c.first, c.last) {
					tellers[kind](w.connectPuppet(n, puppetConfig{}))
				}
				begin := time.Now()
				select {
				case <-n.gotInfo:
				case <-time.After(time.Hour):
					w.Fatal("it never comes")
				}
				if took := time.Since(begin); took > c.within {
					w.Errorf("it takes %v", took)
				}
			})
		})
	}
}

func repeat(kind string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = kind
	}
	return all
}

// Peers are sent the length of the info dictionary as soon as it is known here, and can fetch it then.
func TestInfoIsPassedOn(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{magnet: true})
		p := w.connectPuppet(n, puppetConfig{})
		p.sendHello(nil)
		if h := p.nextMessage(wire.Hello).Hello; h.InfoSize != 0 || !h.Metadata {
			w.Errorf("%+v", h)
		}
		ask := wire.Message{Type: wire.InfoRequest}
		p.Send(ask)
		p.nextMessage(wire.InfoReject)
		n.Open(w.site.content(n.data))
		if h := p.nextMessage(wire.Hello).Hello; h.InfoSize != len(w.site.info) {
			w.Errorf("%+v", h)
		}
		p.Send(ask)
		if m := p.nextMessage(wire.InfoPiece); !bytes.Equal(m.Info.Data, w.site.info) || m.Info.Size != len(w.site.info) {
			w.Errorf("%+v", m.Info)
		}
		ask.Info.Piece = 1
		p.Send(ask)
		p.nextMessage(wire.InfoReject)
	})
}

// A torrent without bytes is complete at once, on both sides.
func TestEmptyTorrentIsComplete(t *testing.T) {
	for name, slow := range map[string]bool{"fast": false, "not fast": true} {
		t.Run(name, func(t *testing.T) {
			runInWorld(t, func(w *world) {
				w.site = newSite(t, 0, pieceOfTwo, 1)
				seed, n := w.node(options{complete: true}), w.node(options{magnet: true})
				n.addGivenPeers(seed.addr)
				<-n.gotInfo
				waitASecond()
				waitASecond() // What both sides have is to arrive first.
				if peers := n.Peers(); len(peers) != 0 {
					w.Errorf("they stay connected: %+v", peers)
				}
				p := w.connectPuppet(n, puppetConfig{noFast: slow})
				p.SetLayout(w.site.layout)
				waitASecond()
				p.expectConnected()
			})
		})
	}
}
