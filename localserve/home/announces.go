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

// serveTracker serves a request for the tracker, and reports whether it was one. It needs no place, and it is not
// counted with the home's requests or logged. A request with a body is left to the site's files, which refuse it.
func (s *Server) serveTracker(w http.ResponseWriter, r *http.Request) bool {
	t := s.cfg.Tracker
	if t == nil || r.Method != http.MethodGet || r.ContentLength != 0 || !t.Handles(r) {
		return false
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.ProtoMajor == 2 { // As for visitors, the deadline of an HTTP/2 connection does not apply to a single stream.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout))
	}
	t.Serve(w, r, s.sourceOf(r))
	return true
}

// sourceOf returns where a request comes from. Behind a proxy, the address that the client has connected to is
// unknown.
func (s *Server) sourceOf(r *http.Request) tracker.Source {
	if s.behindProxy(r) && !s.isDirectLoopback(r) {
		return tracker.Source{Client: forwardedFor(r)}
	}
	source := tracker.Source{Client: remoteAddr(r)}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		source.Local = normalizeAddr(local.AddrPort().Addr())
	}
	return source
}

// behindProxy reports whether a request comes from a proxy on this machine.
func (s *Server) behindProxy(r *http.Request) bool {
	return s.cfg.Certificates == nil && remoteAddr(r).IsLoopback()
}

// isDirectLoopback reports whether a request comes from a browser on this machine, without a proxy: only there names
// below localhost lead here.
func (s *Server) isDirectLoopback(r *http.Request) bool {
	name, ok := s.nameOf(r)
	return ok && engine.IsLoopback(name) && r.Header["X-Forwarded-For"] == nil
}

// forwardedFor returns the address of a proxy's client; the zero Addr if the proxy does not state it. Only the last
// address is the proxy's own statement: those before were in the request that it received.
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

// remoteAddr returns the remote address of a request's connection.
func remoteAddr(r *http.Request) netip.Addr {
	remote, _ := netip.ParseAddrPort(r.RemoteAddr) // Those of TCP connections have this form.
	return normalizeAddr(remote.Addr())
}

// normalizeAddr returns an address without a zone, and an IPv4-mapped one as IPv4.
func normalizeAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// onHijack is for http.Server.ConnState. A WebSocket is open as long as its page, and the tracker has limits of its
// own for them: its connection no longer counts as a visitor's, and is not subject to the visitors' rate limit.
func onHijack(c net.Conn, state http.ConnState) {
	if state != http.StateHijacked {
		return
	}
	for c != nil {
		switch own := c.(type) {
		case *limitedConn:
			own.limiter = own.uplink.messages
		case *boundedConn:
			own.releasePlace()
			return
		}
		wrapper, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return
		}
		c = wrapper.NetConn()
	}
}
