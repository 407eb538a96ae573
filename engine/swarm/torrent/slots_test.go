package torrent

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/netsim"
	"wtptui/engine/swarm/wire"
)

// Both sides keep the same one of two connections to the same peer.
func TestWhichConnectionToAPeerStays(t *testing.T) {
	const in, out = dial.Incoming, dial.Tracker
	const here, elsewhere, alsoHere = "1.2.3.4:5", "1.2.3.5:5", "[2001:db8::1]:5"
	for name, c := range map[string]struct {
		old, new   Source
		from       string // of the new one; the old one is here
		greater    bool   // our id
		silent     time.Duration
		want, they duplicate // they is what the other side decides
	}{
		"both call, and ours is greater":  {old: in, new: out, from: here, greater: true, want: keepNew, they: keepNew},
		"both call, and theirs is":        {old: in, new: out, from: here, want: keepOld, they: keepOld},
		"they call, too, ours is greater": {old: out, new: in, from: here, greater: true, want: keepOld, they: keepOld},
		"they call, too, theirs is":       {old: out, new: in, from: here, want: keepNew, they: keepNew},
		"the same way twice":              {old: in, new: in, from: here, silent: time.Second, want: keepOld, they: keepOld},
		"after a silence":                 {old: in, new: in, from: here, silent: time.Minute, want: keepNew, they: keepNew},
		"the other family":                {old: out, new: out, from: alsoHere, want: keepOld, they: keepOld},
		"somebody else":                   {old: out, new: in, from: elsewhere, want: keepBoth, they: keepBoth},
		"somebody else, after a silence": {
			old: in, new: in, from: elsewhere, silent: time.Minute, want: keepBoth, they: keepBoth,
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			less, more := [20]byte{1}, [20]byte{2}
			ours, theirs := less, more
			if c.greater {
				ours, theirs = more, less
			}
			meet := func(id [20]byte, origin Source, from string) *peer {
				return &peer{
					id: id, origin: origin, addr: netip.MustParseAddrPort(from), since: now, lastMessage: now.Add(-c.silent),
				}
			}
			if got := resolveDuplicate(ours, meet(theirs, c.new, c.from), meet(theirs, c.old, here)); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
			flip := map[Source]Source{in: out, out: in}
			if got := resolveDuplicate(theirs, meet(ours, flip[c.new], c.from), meet(ours, flip[c.old], here)); got != c.they {
				t.Errorf("the other side: %d, want %d", got, c.they)
			}
		})
	}
}

// Two peers that know the address of each other dial at the same time, and are connected once.
func TestSimultaneousDials(t *testing.T) {
	runInWorld(t, func(w *world) {
		a, b := w.node(options{}), w.node(options{})
		a.addGivenPeers(b.addr)
		b.addGivenPeers(a.addr)
		time.Sleep(10 * time.Minute)
		if a.Stats().Peers != 1 || b.Stats().Peers != 1 {
			w.Errorf("%+v %+v", a.Stats(), b.Stats())
		}
		dialed := func(n *node) (calls int) {
			n.run(func(o *owner) { calls = int(o.cfg.Dialer.(*simDialer).calls.Load()) })
			return calls
		}
		if n := dialed(a) + dialed(b); n > 4 {
			w.Errorf("they call each other %d times", n)
		}
	})
}

// A peer that claims the id of another one neither gets its slot nor keeps it from connecting.
func TestPeerWithTheIDOfAnother(t *testing.T) {
	runInWorld(t, func(w *world) {
		id := newID()
		n := w.node(options{complete: true})
		first := w.connectPuppet(n, puppetConfig{id: id})
		time.Sleep(time.Minute)
		second := w.connectPuppet(n, puppetConfig{id: id})
		waitASecond()
		first.expectConnected()
		second.expectConnected()
		third := w.connectPuppet(n, puppetConfig{id: id, host: second.host})
		third.expectDisconnect(time.Second)
		second.expectConnected()
	})
}

// At the limit of connections a new one replaces a useless one.
func TestFullTorrentReplacesUselessPeers(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{complete: true, max: 3})
		wanting, idle := w.connectPuppet(n, puppetConfig{}), w.connectPuppet(n, puppetConfig{})
		other := w.connectPuppet(n, puppetConfig{})
		wanting.sendTypes(wire.Interested)
		other.sendTypes(wire.Interested)
		w.connectPuppet(n, puppetConfig{}).expectDisconnect(time.Second) // They have all come just now.
		time.Sleep(time.Minute)
		late := w.connectPuppet(n, puppetConfig{})
		idle.expectDisconnect(time.Second)
		late.sendTypes(wire.Interested)
		waitASecond()
		w.connectPuppet(n, puppetConfig{}).expectDisconnect(time.Second)
		wanting.expectConnected()
		other.expectConnected()
		late.expectConnected()
		n.SetMaxPeers(1)
		waitASecond()
		if peers := n.Stats().Peers; peers != 1 {
			w.Errorf("%d peers", peers)
		}
		n.SetMaxPeers(0)
		waitASecond()
		if peers := n.Stats().Peers; peers != 0 {
			w.Errorf("%d peers", peers)
		}
	})
}

// Mirrors need no slot.
func TestMirrorsNeedNoSlot(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{max: 1})
		mirrors := []*mirrored{newMirrored(), newMirrored()}
		for _, m := range mirrors {
			n.AddConn(m, engine.WebSeed, dial.Given)
		}
		p := w.connectPuppet(n, puppetConfig{})
		n.SetMaxPeers(1)
		waitASecond()
		p.expectConnected()
		if s := n.Stats(); s.Peers != 1 || s.Mirrors != len(mirrors) {
			w.Errorf("%+v", s)
		}
		p.sendHello(nil)
		all, _ := p.receivedMessages()
		if got := messagesOfType(all, wire.Peers); len(got) != 0 {
			w.Errorf("mirrors are named to peers: %+v", got[0].Peers)
		}
		for _, m := range mirrors {
			m.Close()
		}
		waitASecond()
		if s := n.Stats(); s.Mirrors != 0 {
			w.Errorf("%+v", s)
		}
	})
}

// mirrored is a connection to a mirror that sends nothing.
type mirrored struct {
	quiet
	ctx   context.Context
	close context.CancelFunc
	id    [20]byte
}

func newMirrored() *mirrored {
	m := &mirrored{id: newID()}
	m.ctx, m.close = context.WithCancel(context.Background())
	return m
}

func (m *mirrored) Theirs() wire.Handshake { return wire.Handshake{Fast: true, PeerID: m.id} }

func (m *mirrored) Start(wire.Options) {}

func (m *mirrored) SetLayout(wire.Layout) {}

func (m *mirrored) Read() (wire.Message, error) {
	<-m.ctx.Done()
	return wire.Message{}, m.ctx.Err()
}

func (m *mirrored) Close() { m.close() }

func (m *mirrored) Wait() { <-m.ctx.Done() }

// connectionCounter counts connections.
type connectionCounter struct{ open, most atomic.Int32 }

func (r *connectionCounter) TryAcquire() bool {
	if r.open.Add(1) <= r.most.Load() {
		return true
	}
	r.open.Add(-1)
	return false
}

func (r *connectionCounter) Release() { r.open.Add(-1) }

// Connections are counted exactly, and nobody is dialed while the limit is reached.
func TestConnLimitIsCounted(t *testing.T) {
	runInWorld(t, func(w *world) {
		room := &connectionCounter{}
		room.most.Store(2)
		n := w.node(options{room: room})
		w.connectPuppet(n, puppetConfig{})
		leaves := w.connectPuppet(n, puppetConfig{})
		w.connectPuppet(n, puppetConfig{}).expectDisconnect(time.Second)
		if room.open.Load() != 2 {
			w.Errorf("%d open", room.open.Load())
		}
		d := w.listenAsPuppets(puppetConfig{})
		n.addGivenPeers(d.addr)
		time.Sleep(time.Minute)
		if calls := len(d.puppets); calls == 0 || calls > 7 {
			w.Errorf("it was called %d times", calls)
		}
		leaves.Close()
		time.Sleep(time.Minute)
		if room.open.Load() != 2 || n.Stats().Peers != 2 {
			w.Errorf("%d open, %+v", room.open.Load(), n.Stats())
		}
		n.Close()
		if room.open.Load() != 0 {
			w.Errorf("%d open", room.open.Load())
		}
	})
}

// A peer that has disconnected, or was disconnected, is dialed again.
func TestPeerIsDialedAgain(t *testing.T) {
	runInWorld(t, func(w *world) {
		n := w.node(options{})
		host := w.net.Host("door", netsim.Link{})
		d := w.listenAsPuppets(puppetConfig{host: host})
		n.addGivenPeers(d.addr)
		for range 5 {
			p := d.nextPuppet()
			p.sendHello(nil)
			waitASecond()
			p.Close()
		}
		p := d.nextPuppet()
		waitASecond()
		n.disconnectPeer(d.addr.String())
		p.expectDisconnect(time.Second)
		d.nextPuppet()
	})
}
