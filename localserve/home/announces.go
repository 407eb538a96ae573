package home

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/localserve/home/tracker"
)

// announced answers a request for the tracker, and reports whether it was one. It asks neither for a place nor is it a
// visit to a site: nothing of it is counted with the home's requests or logged. A request with a body is for a site's
// files, which refuse it.
func (s *Server) announced(w http.ResponseWriter, r *http.Request) bool {
	t := s.cfg.Tracker
	if t == nil || r.Method != http.MethodGet || r.ContentLength != 0 || !t.Takes(r) {
		return false
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.ProtoMajor == 2 { // As for visitors: the connection's deadline does not tell.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.Unread))
	}
	t.Answer(w, r, s.askedBy(r))
	return true
}

// askedBy returns where a request comes from. Where a client has reached a proxy is not known here.
func (s *Server) askedBy(r *http.Request) tracker.Asked {
	if s.behindProxy(r) && !s.isFromHere(r) {
		return tracker.Asked{From: forwardedFor(r)}
	}
	asked := tracker.Asked{From: remoteAddr(r)}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		asked.At = plainAddr(at.AddrPort().Addr())
	}
	return asked
}

// behindProxy reports whether a request has come from a proxy on this machine.
func (s *Server) behindProxy(r *http.Request) bool {
	return s.cfg.Certificates == nil && remoteAddr(r).IsLoopback()
}

// isFromHere reports whether a browser on this machine asks, without a proxy: nobody else finds a name below localhost
// here.
func (s *Server) isFromHere(r *http.Request) bool {
	name, ok := s.nameOf(r)
	return ok && engine.IsLoopback(name) && r.Header["X-Forwarded-For"] == nil
}

// forwardedFor returns for whom a proxy asks, the zero Addr if it does not say so. The last address is its own word:
// what comes before that was in the request that it got.
func forwardedFor(r *http.Request) netip.Addr {
	chain := r.Header["X-Forwarded-For"]
	if len(chain) == 0 {
		return netip.Addr{}
	}
	last := chain[len(chain)-1]
	from, err := netip.ParseAddr(strings.Trim(last[strings.LastIndexByte(last, ',')+1:], " \t"))
	if err != nil || from.Zone() != "" {
		return netip.Addr{}
	}
	return from.Unmap()
}

// remoteAddr returns the address at the other end of a request's connection.
func remoteAddr(r *http.Request) netip.Addr {
	remote, _ := netip.ParseAddrPort(r.RemoteAddr) // Those of TCP connections have this form.
	return plainAddr(remote.Addr())
}

// plainAddr is an address without what is this machine's own way to write it.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// onHijack is for http.Server.ConnState. A WebSocket is open for as long as its page is, and the tracker has bounds of
// its own for it: it gives its place back to visitors, and does not wait its turn among them.
func onHijack(c net.Conn, state http.ConnState) {
	if state != http.StateHijacked {
		return
	}
	for c != nil {
		switch own := c.(type) {
		case *sharedConn:
			own.limiter = own.uplink.messages
		case *boundedConn:
			own.gone()
			return
		}
		wrapper, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return
		}
		c = wrapper.NetConn()
	}
}
