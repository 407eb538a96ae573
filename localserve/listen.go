package localserve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"wtptui/engine"
)

// maxPortTries is how many ports after an occupied one are tried.
const maxPortTries = 20

// Listen opens the server's port. addr is an IP address, or localhost, and a port; port 0 means any. If the address is
// loopback, both 127.0.0.1 and ::1 are listened on, since browsers resolve *.localhost to either. If the port is
// occupied, the next free one is used: see the listener's Addr.
//
// The error has Kind Invalid for a malformed address, or for one that other computers can reach unless public is set;
// Kind Conflict if no port is free; Kind Unavailable if the system refuses.
func Listen(addr string, public bool) (net.Listener, error) {
	ip, port, err := parseListen(addr)
	if err != nil {
		return nil, err
	}
	if !ip.IsLoopback() && !public {
		msg := addr + " can be reached from other computers: use 127.0.0.1, or add --listen-public if you want that"
		return nil, listenError(engine.Invalid, msg, nil)
	}
	tried := port
	for try := range maxPortTries + 1 {
		if port != 0 {
			tried = min(port+try, 65535)
		}
		ln, err := listenOn(ip, tried)
		switch {
		case err == nil:
			return ln, nil
		case !isPortTaken(err):
			return nil, listenError(engine.Unavailable,
				fmt.Sprintf("cannot listen on %s: choose another address with --listen", addr), err)
		}
	}
	return nil, listenError(engine.Conflict,
		fmt.Sprintf("ports %d to %d are all taken: choose another with --listen", port, tried), nil)
}

// IsPublic reports whether other computers may reach an address. It returns true if its host is a name, which may have
// any address.
func IsPublic(addr string) bool {
	ip, _, err := parseListen(addr)
	return err != nil || !ip.IsLoopback()
}

func parseListen(addr string) (netip.Addr, int, error) {
	invalid := func(why string) (netip.Addr, int, error) {
		return netip.Addr{}, 0,
			listenError(engine.Invalid, fmt.Sprintf("%s: %s; try 127.0.0.1:7780", engine.Clean(addr), why), nil)
	}
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return invalid("the address to listen on must have the form IP:PORT")
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return invalid("the port must be a number from 0 to 65535")
	}
	switch host {
	case "localhost":
		host = "127.0.0.1"
	case "":
		host = "0.0.0.0"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return invalid("the part before the port must be an IP address or localhost")
	}
	return ip.Unmap(), int(port), nil
}

// listenOn listens on one port, and also on the loopback address of the other family if there is one.
func listenOn(ip netip.Addr, port int) (net.Listener, error) {
	first, err := listenTCP(ip, port)
	if err != nil {
		return nil, err
	}
	other, ok := otherLoopback(ip)
	if !ok {
		return first, nil
	}
	second, err := listenTCP(other, first.Addr().(*net.TCPAddr).Port)
	switch {
	case err == nil:
		return newDualListener(first, second), nil
	case isPortTaken(err):
		// A browser that prefers the other family would connect to another program's server.
		_ = first.Close()
		return nil, err
	}
	return first, nil // no IPv6, or no IPv4, on this machine
}

func otherLoopback(ip netip.Addr) (netip.Addr, bool) {
	v4 := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	switch ip {
	case v4:
		return netip.IPv6Loopback(), true
	case netip.IPv6Loopback():
		return v4, true
	}
	return netip.Addr{}, false
}

func listenTCP(ip netip.Addr, port int) (net.Listener, error) {
	network := "tcp6"
	if ip.Is4() {
		network = "tcp4"
	}
	var lc net.ListenConfig
	return lc.Listen(context.Background(), network, netip.AddrPortFrom(ip, uint16(port)).String())
}

// isPortTaken reports whether an error of listening means that another port may be free.
func isPortTaken(err error) bool {
	var e syscall.Errno
	if !errors.As(err, &e) {
		return false
	}
	const wsaEADDRINUSE, wsaEACCES = 10048, 10013 // The second is the error of Windows for reserved ports.
	return e == syscall.EADDRINUSE || runtime.GOOS == "windows" && (e == wsaEADDRINUSE || e == wsaEACCES)
}

func listenError(kind engine.Kind, msg string, err error) error {
	return &engine.Error{Op: "localserve: listen", Kind: kind, Msg: msg, Err: err}
}

// dualListener combines two listeners; its address is that of the first.
type dualListener struct {
	net.Listener
	second net.Listener

	conns     chan acceptResult
	done      chan struct{}
	closeOnce func() error
	wg        sync.WaitGroup
}

type acceptResult struct {
	conn net.Conn
	err  error
}

func newDualListener(first, second net.Listener) *dualListener {
	p := &dualListener{Listener: first, second: second, conns: make(chan acceptResult), done: make(chan struct{})}
	p.closeOnce = sync.OnceValue(func() error {
		close(p.done)
		err := errors.Join(first.Close(), second.Close())
		p.wg.Wait()
		return err
	})
	for _, ln := range []net.Listener{first, second} {
		p.wg.Go(func() { p.accept(ln) })
	}
	return p
}

func (p *dualListener) accept(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		select {
		case p.conns <- acceptResult{conn, err}:
		case <-p.done:
			if conn != nil {
				_ = conn.Close()
			}
			return
		}
	}
}

// Accept implements net.Listener.
func (p *dualListener) Accept() (net.Conn, error) {
	select {
	case a := <-p.conns:
		return a.conn, a.err
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It may be called more than once.
func (p *dualListener) Close() error { return p.closeOnce() }
