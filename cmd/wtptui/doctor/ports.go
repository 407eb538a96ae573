package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wtptui/engine/cause"
)

// pagesCheck requests the front page of the running engine, or checks whether the port is free.
func pagesCheck(ctx context.Context, d *doctor) []Finding {
	const name = "pages"
	_, port, _ := net.SplitHostPort(d.Listen)
	if d.Engine == nil {
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", d.Listen)
		if err != nil {
			return warn(name, "cannot listen on "+d.Listen+": "+listenReason(err),
				"wtptui takes the next free port; choose one with --listen if pages should keep their address")
		}
		_ = ln.Close()
		return ok(name, d.Listen+" is free")
	}
	u, err := url.Parse(d.Engine.ServeURL)
	if err != nil || u.Host == "" {
		return fail(name, "the wtptui that runs serves no pages", "restart it and read its warnings")
	}
	start := time.Now()
	if err := fetchPage(ctx, u); err != nil {
		return fail(name, u.String()+" does not answer: "+cause.Describe(err),
			"restart wtptui; a firewall must let programs on this machine reach each other")
	}
	f := ok(name, u.String()+" answers")
	if port != "0" && u.Port() != port {
		f = warn(name, "pages are served at "+u.String()+" and not on port "+port,
			"free that port and restart, or choose another with --listen")
	}
	f[0].Took = int64(time.Since(start))
	return f
}

// fetchPage requests a page of this machine, whatever its name resolves to.
func fetchPage(ctx context.Context, u *url.URL) error {
	port := u.Port()
	t := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}}
	defer t.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

func peerPortCheck(ctx context.Context, d *doctor) []Finding {
	const name = "peer port"
	if d.Engine != nil {
		port := strconv.Itoa(d.Engine.PeerPort)
		switch {
		case d.Engine.PeerPort == 0:
			return fail(name, "wtptui does not listen for peers", "restart it and read its warnings")
		case d.PeerPort != 0 && d.Engine.PeerPort != d.PeerPort:
			return warn(name, fmt.Sprintf("peers are met on port %s and not on %d", port, d.PeerPort),
				"free that port and restart, or choose another with --peer-port")
		case d.Engine.PortOpen:
			return ok(name, port+" is open: a peer from outside has connected")
		}
		return warn(name, port+" has not been reached from outside in this run",
			"have your router forward TCP and UDP port "+port+" to this machine; sites load without that, and fewer peers "+
				"reach you")
	}
	address := net.JoinHostPort(d.PeerHost, strconv.Itoa(d.PeerPort))
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		_ = tcp.Close()
		var udp net.PacketConn
		if udp, err = new(net.ListenConfig).ListenPacket(ctx, "udp", address); err == nil {
			_ = udp.Close()
			return ok(name, strconv.Itoa(d.PeerPort)+" is free for TCP and uTP")
		}
	}
	return warn(name, "cannot listen on "+address+": "+listenReason(err),
		"wtptui takes another port; choose one with --peer-port if your router forwards one")
}

func routerCheck(ctx context.Context, d *doctor) []Finding {
	const name = "router"
	if !d.UPnP {
		return ok(name, "not asked to forward a port (--no-upnp)")
	}
	if d.Engine != nil && d.Engine.PortOpen {
		return ok(name, "lets peers through")
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime/2)
	defer cancel()
	router, err := d.Router(ctx)
	if err != nil {
		return warn(name, "no router that forwards ports by UPnP has answered",
			"switch UPnP on in your router, or forward the peer port there by hand")
	}
	return ok(name, router+" forwards ports by UPnP")
}

// findRouter searches the local network for an internet gateway (UPnP Device Architecture, section 1.3) and returns
// its address.
func findRouter(ctx context.Context) (string, error) {
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp4", ":0")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	const search = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n" +
		"ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n"
	group := net.UDPAddrFromAddrPort(netip.MustParseAddrPort("239.255.255.250:1900"))
	if _, err := conn.WriteTo([]byte(search), group); err != nil {
		return "", err
	}
	answer := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFrom(answer)
		if err != nil {
			return "", err
		}
		res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(answer[:n]))), nil)
		if err != nil || !strings.Contains(res.Header.Get("ST"), "InternetGatewayDevice") {
			continue
		}
		_ = res.Body.Close()
		if host, _, err := net.SplitHostPort(from.String()); err == nil {
			return host, nil
		}
		return from.String(), nil
	}
}

func dhtCheck(_ context.Context, d *doctor) []Finding {
	const name = "DHT"
	switch {
	case !d.DHT:
		return ok(name, "switched off (--no-dht)")
	case d.Engine == nil:
		return ok(name, "joined when wtptui runs")
	case d.Engine.DHTNodes < 0:
		return ok(name, "switched off in the wtptui that runs")
	case d.Engine.DHTNodes == 0:
		return warn(name, "no node has answered", "let UDP through the firewall; peers are found by trackers meanwhile")
	}
	return ok(name, fmt.Sprintf("%d nodes", d.Engine.DHTNodes))
}

// listenReason returns why the system refuses to listen, without the address.
func listenReason(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return err.Error()
}
