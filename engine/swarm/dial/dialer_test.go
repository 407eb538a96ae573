package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

const (
	tcp = engine.TCP
	uTP = engine.UTP
)

func TestDialWays(t *testing.T) {
	ms := time.Millisecond
	for name, c := range map[string]struct {
		host       host
		encryption Encryption
		via        engine.Via
		obfuscated bool
		within     time.Duration
		tried      []engine.Via
		err        string // a part of it
	}{
		"TCP": {
			host: host{takesAll, takesAll}, via: tcp, within: 2 * rtt,
			tried: []engine.Via{tcp},
		},
		"TCP is a black hole": {
			host: host{nobody, takesAll}, via: uTP, within: 250*ms + 2*rtt,
			tried: []engine.Via{tcp, uTP},
		},
		"TCP is refused": {
			host: host{refuses, takesAll}, via: uTP, within: 3 * rtt,
			tried: []engine.Via{tcp, uTP},
		},
		"TCP answers nothing": {
			host: host{silent, takesAll}, via: uTP, within: 250*ms + 2*rtt,
			tried: []engine.Via{tcp, uTP},
		},
		"TCP hangs up": {
			host: host{hangsUp, takesAll}, via: uTP, within: 6 * rtt,
			tried: []engine.Via{tcp, tcp, uTP},
		},
		"only MSE": {
			host: host{takesMSE, nobody}, via: tcp, obfuscated: true, within: 5 * rtt,
			tried: []engine.Via{tcp, tcp},
		},
		"only MSE over uTP": {
			host: host{refuses, takesMSE}, via: uTP, obfuscated: true, within: 6 * rtt,
			tried: []engine.Via{tcp, uTP, uTP},
		},
		"MSE is preferred": {
			host: host{takesAll, nobody}, encryption: Prefer, via: tcp, obfuscated: true, within: 3 * rtt,
			tried: []engine.Via{tcp},
		},
		"MSE is preferred, not had": {
			host: host{takesPlain, nobody}, encryption: Prefer, via: tcp, within: 4 * rtt,
			tried: []engine.Via{tcp, tcp},
		},
		"MSE is required": {
			host: host{takesAll, nobody}, encryption: Require, via: tcp, obfuscated: true, within: 3 * rtt,
			tried: []engine.Via{tcp},
		},
		"MSE is required, not had": {
			host: host{takesPlain, refuses}, encryption: Require, within: 3 * rtt, tried: []engine.Via{tcp, uTP},
			err: "TCP: it hung up on an obfuscated handshake; uTP: it refuses the connection",
		},
		"nobody": {
			host: host{nobody, nobody}, within: 10*time.Second + 250*ms, tried: []engine.Via{tcp, uTP},
			err: "TCP and uTP: no answer within 10s",
		},
		"refused": {
			host: host{refuses, refuses}, within: 2 * rtt,
			tried: []engine.Via{tcp, uTP}, err: "TCP and uTP: it refuses the connection",
		},
		"TCP is refused, and nobody is there": {
			host: host{refuses, nobody}, within: 2*time.Second + rtt, tried: []engine.Via{tcp, uTP},
			err: "TCP: it refuses the connection; uTP: no answer within 2s",
		},
		"TCP hangs up, and nobody is there": {
			host: host{hangsUp, nobody}, within: 2*time.Second + 4*rtt, tried: []engine.Via{tcp, tcp, uTP},
			err: "TCP: it hung up on a plain handshake; TCP: it hung up on an obfuscated handshake; uTP: no answer within 2s",
		},
		"all hang up": {
			host: host{hangsUp, hangsUp}, within: 8 * rtt,
			tried: []engine.Via{tcp, tcp, uTP, uTP},
			err:   "TCP and uTP: it hung up on a plain handshake; TCP and uTP: it hung up on an obfuscated handshake",
		},
		"silence": {
			host: host{silent, nobody}, within: 10*time.Second + 250*ms, tried: []engine.Via{tcp, uTP},
			err: "TCP: no answer to a plain handshake within 10s; uTP: no answer within 10s",
		},
		"another torrent": {
			host: host{other, refuses}, within: 4 * rtt,
			tried: []engine.Via{tcp, uTP}, err: "TCP: the peer is there for another torrent; uTP: it refuses the connection",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hosts: func(netip.AddrPort) host { return c.host }}
				d := New(Config{Ways: n.ways(), Encryption: c.encryption})
				defer n.end(t, d)
				began := time.Now()
				conn, via, err := d.Dial(t.Context(), at(1), ourselves)
				if took := time.Since(began); took > c.within {
					t.Errorf("it took %v, not %v", took, c.within)
				}
				synctest.Wait()
				if got := n.tried(); !slices.Equal(got, c.tried) {
					t.Errorf("tried %v, want %v", got, c.tried)
				}
				if c.err != "" {
					if want := "cannot connect to peer " + at(1).String() + ": " + c.err; err == nil || err.Error() != want {
						t.Errorf("error %v, want %s", err, want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if via != c.via || conn.Obfuscated() != c.obfuscated || conn.Theirs().Infohash != torrentA {
					t.Errorf("met over %v, obfuscated %v", via, conn.Obfuscated())
				}
				if n.open != 1 {
					t.Errorf("%d connections are open", n.open)
				}
			})
		})
	}
}

func TestIsHangUp(t *testing.T) {
	for want, errs := range map[bool][]error{
		true: {
			io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE,
			&net.OpError{Op: "read", Err: syscall.ECONNRESET}, errors.New("peer reset"), // uTP
		},
		false: {
			context.Canceled, context.DeadlineExceeded, &timeoutError{"no answer", time.Second}, os.ErrDeadlineExceeded,
			&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, wire.ErrOtherTorrent, wire.ErrSelf, wire.ErrNotBitTorrent,
		},
	} {
		for _, err := range errs {
			if isDisconnect(fmt.Errorf("read: %w", err)) != want {
				t.Errorf("%v: %v", err, !want)
			}
		}
	}
}

// The way that worked last is tried first for an hour.
func TestDialTriesTheLastWayFirst(t *testing.T) {
	for name, c := range map[string]struct {
		host       host
		encryption Encryption
		within     time.Duration
		tried      []engine.Via
	}{
		"TCP":                    {host{takesAll, takesAll}, PlainFirst, 2 * rtt, []engine.Via{tcp}},
		"uTP":                    {host{nobody, takesAll}, PlainFirst, 2 * rtt, []engine.Via{uTP}},
		"MSE":                    {host{takesMSE, nobody}, PlainFirst, 3 * rtt, []engine.Via{tcp}},
		"uTP and MSE":            {host{nobody, takesMSE}, PlainFirst, 3 * rtt, []engine.Via{uTP}},
		"plain though not liked": {host{takesPlain, nobody}, Prefer, 2 * rtt, []engine.Via{tcp}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{hosts: func(netip.AddrPort) host { return c.host }}
				d := New(Config{Ways: n.ways(), Encryption: c.encryption})
				defer n.end(t, d)
				first := mustDial(t, d, at(1))
				before := len(n.tried())
				if took := mustDial(t, d, at(1)); took > c.within {
					t.Errorf("the second time it took %v, not %v", took, c.within)
				}
				synctest.Wait()
				if got := n.tried()[before:]; !slices.Equal(got, c.tried) {
					t.Errorf("the second time it tried %v, want %v", got, c.tried)
				}
				if took := mustDial(t, d, at(2)); took != first {
					t.Errorf("another peer took %v, and the first one %v", took, first)
				}
				<-time.After(rememberTime + time.Second)
				if took := mustDial(t, d, at(1)); took != first {
					t.Errorf("after an hour it took %v, and the first time %v", took, first)
				}
			})
		})
	}
}

// mustDial dials a peer and returns how long that took.
func mustDial(t *testing.T, d *Dialer, peer netip.AddrPort) time.Duration {
	t.Helper()
	began := time.Now()
	conn, _, err := d.Dial(t.Context(), peer, ourselves)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return time.Since(began)
}

// A peer is reached even if the way that worked last does not work any more.
func TestDialAfterAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := host{nobody, takesMSE}
		n := &network{hosts: func(netip.AddrPort) host { return now }}
		d := New(Config{Ways: n.ways()})
		defer n.end(t, d)
		mustDial(t, d, at(1))
		now = host{takesPlain, nobody}
		if took := mustDial(t, d, at(1)); took > 250*time.Millisecond+4*rtt {
			t.Errorf("it took %v", took)
		}
		if took := mustDial(t, d, at(1)); took != 2*rtt {
			t.Errorf("the next time it took %v", took)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	var m memory
	for i := range 20_000 {
		m.put(at(i), uTP, true)
	}
	if n := len(m.newer) + len(m.older); n > maxRemembered {
		t.Errorf("%d peers are remembered", n)
	}
	if c, ok := m.get(at(19_000)); !ok || c.via != uTP || !c.obfuscated {
		t.Errorf("%+v, %v", c, ok)
	}
	if _, ok := m.get(at(1)); ok {
		t.Error("the first one is remembered")
	}
}

func TestDialRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errStranger := errors.New("not public")
		n := &network{}
		d := New(Config{Ways: n.ways(), Allowed: func(p netip.AddrPort) error {
			if p == at(1) {
				return errStranger
			}
			return nil
		}})
		defer n.end(t, d)
		mapped := netip.AddrPortFrom(netip.AddrFrom16(at(1).Addr().As16()), at(1).Port())
		if _, _, err := d.Dial(t.Context(), mapped, ourselves); !errors.Is(err, errStranger) {
			t.Errorf("an address that is not allowed: %v", err)
		}
		v6 := netip.MustParseAddrPort("[2001:db8::1]:1")
		if _, _, err := d.Dial(t.Context(), v6, ourselves); !errors.Is(err, errUnsupportedFamily) {
			t.Errorf("an address of another family: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 50 {
			if _, _, err := d.Dial(ctx, at(2), ourselves); !errors.Is(err, context.Canceled) {
				t.Errorf("after its end: %v", err)
			}
		}
		d.Close()
		if _, _, err := d.Dial(t.Context(), at(2), ourselves); !errors.Is(err, net.ErrClosed) {
			t.Errorf("of a closed dialer: %v", err)
		}
		if len(n.dials) != 0 {
			t.Errorf("it called %v", n.dials)
		}
	})
}

// When two ways succeed at the same moment, one of the connections is closed.
func TestDialOnlyOnce(t *testing.T) {
	late := end{serve: func(c net.Conn) {
		<-time.After(headStart)
		takesAll.serve(c)
	}}
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			n := &network{hosts: func(netip.AddrPort) host { return host{late, takesAll} }}
			d := New(Config{Ways: n.ways()})
			defer n.end(t, d)
			conn, _, err := d.Dial(t.Context(), at(1), ourselves)
			must(t, err)
			defer conn.Close()
			synctest.Wait()
			if n.open != 1 {
				t.Errorf("%d connections are open", n.open)
			}
		})
	}
}

// The error of a machine without a network differs from that of an unreachable peer.
func TestDialOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		offline := end{refused: syscall.ENETUNREACH}
		n := &network{hosts: func(netip.AddrPort) host { return host{offline, offline} }}
		d := New(Config{Ways: n.ways()})
		defer n.end(t, d)
		if _, _, err := d.Dial(t.Context(), at(1), ourselves); !isNoNetwork(err) ||
			!strings.HasSuffix(err.Error(), ": TCP and uTP: there is no network that leads there") {
			t.Error(err)
		}
	})
}

// A dial ends as soon as its context ends, and leaves nothing behind.
func TestDialEndsWithContext(t *testing.T) {
	hosts := map[string]host{
		"works": {takesAll, takesAll}, "MSE": {takesMSE, takesMSE}, "uTP": {silent, takesMSE},
		"nobody": {nobody, nobody}, "refused": {refuses, refuses}, "silent": {silent, silent}, "hangs up": {hangsUp, hangsUp},
	}
	ends := map[string]func(cancel context.CancelFunc, d *Dialer){
		"context": func(cancel context.CancelFunc, _ *Dialer) { cancel() },
		"close":   func(_ context.CancelFunc, d *Dialer) { d.Close() },
	}
	for name, h := range hosts {
		for how, end := range ends {
			for _, places := range []int{1, 2} {
				for after := time.Duration(0); after < 600*time.Millisecond; after += rtt / 2 {
					synctest.Test(t, func(t *testing.T) {
						n := &network{hosts: func(netip.AddrPort) host { return h }}
						d := New(Config{Ways: n.ways(), MaxHalfOpen: places})
						defer n.end(t, d)
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						began := time.Now()
						time.AfterFunc(after, func() { end(cancel, d) })
						conn, _, err := d.Dial(ctx, at(1), ourselves)
						if took := time.Since(began); took > after {
							t.Errorf("%s, %s: it ended %v after it was given up", name, how, took-after)
						}
						if err == nil {
							conn.Close()
							return
						}
						gaveUp := errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed)
						if time.Since(began) == after && !gaveUp && after%rtt != 0 {
							t.Errorf("%s, %s: given up after %v, its error is %v", name, how, after, err)
						}
					})
				}
			}
		}
	}
}
