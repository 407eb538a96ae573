package tracker

import (
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// datagrams are packets of a UDP socket of one family, each with the address of this machine that it has come to: its
// answer goes out from there, and there the engine is called.
type datagrams struct {
	conn  net.PacketConn
	udp   *net.UDPConn // conn, if it is one
	v4    bool
	bound netip.Addr // if the socket has one address
	tells bool       // the system tells where a packet has come to
	oob   []byte
}

func newDatagrams(conn net.PacketConn) *datagrams {
	d := &datagrams{conn: conn}
	local, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	a := local.Addr().Unmap()
	d.v4 = a.Is4()
	if isHost(a) {
		d.bound = a.WithZone("")
	}
	if d.udp, _ = conn.(*net.UDPConn); d.udp == nil || d.bound.IsValid() {
		return d
	}
	if d.v4 {
		d.tells = ipv4.NewPacketConn(d.udp).SetControlMessage(ipv4.FlagDst, true) == nil
		d.oob = ipv4.NewControlMessage(ipv4.FlagDst)
	} else {
		d.tells = ipv6.NewPacketConn(d.udp).SetControlMessage(ipv6.FlagDst, true) == nil
		d.oob = ipv6.NewControlMessage(ipv6.FlagDst)
	}
	return d
}

// read returns the next packet, who has sent it, and the address that it has come to, if that is known.
func (d *datagrams) read(b []byte) (n int, from netip.AddrPort, at netip.Addr, err error) {
	if d.udp == nil {
		n, a, err := d.conn.ReadFrom(b)
		if err != nil {
			return 0, from, at, err
		}
		from, _ = netip.ParseAddrPort(a.String())
		return n, unmapped(from), d.bound, nil
	}
	if !d.tells {
		n, from, err = d.udp.ReadFromUDPAddrPort(b)
		return n, unmapped(from), d.bound, err
	}
	n, oobn, _, from, err := d.udp.ReadMsgUDPAddrPort(b, d.oob)
	if err != nil {
		return 0, from, at, err
	}
	return n, unmapped(from), d.cameTo(d.oob[:oobn]), nil
}

// cameTo reads the address that a packet has come to.
func (d *datagrams) cameTo(oob []byte) netip.Addr {
	var ip net.IP
	if d.v4 {
		var cm ipv4.ControlMessage
		if cm.Parse(oob) == nil {
			ip = cm.Dst
		}
	} else {
		var cm ipv6.ControlMessage
		if cm.Parse(oob) == nil {
			ip = cm.Dst
		}
	}
	at, _ := netip.AddrFromSlice(ip)
	return at.Unmap()
}

// write sends a packet from the address at.
func (d *datagrams) write(b []byte, to netip.AddrPort, at netip.Addr) error {
	switch {
	case d.udp == nil:
		_, err := d.conn.WriteTo(b, net.UDPAddrFromAddrPort(to))
		return err
	case !d.tells || !isHost(at):
		_, err := d.udp.WriteToUDPAddrPort(b, to)
		return err
	}
	var oob []byte
	if d.v4 {
		oob = (&ipv4.ControlMessage{Src: at.AsSlice()}).Marshal()
	} else {
		oob = (&ipv6.ControlMessage{Src: at.AsSlice()}).Marshal()
	}
	_, _, err := d.udp.WriteMsgUDPAddrPort(b, oob, to)
	return err
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
