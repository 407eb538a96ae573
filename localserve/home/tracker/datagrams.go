package tracker

import (
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// udpConn is a UDP socket of one family that reads and writes packets with the local address that they were sent to:
// responses must be sent from there, and peers can reach the engine there.
type udpConn struct {
	conn      net.PacketConn
	udp       *net.UDPConn // conn, if it is one
	v4        bool
	boundAddr netip.Addr // if the socket has one address
	hasDst    bool       // the system reports the destination of packets
	oob       []byte
}

func newUDPConn(conn net.PacketConn) *udpConn {
	d := &udpConn{conn: conn}
	local, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	a := local.Addr().Unmap()
	d.v4 = a.Is4()
	if isHost(a) {
		d.boundAddr = a.WithZone("")
	}
	if d.udp, _ = conn.(*net.UDPConn); d.udp == nil || d.boundAddr.IsValid() {
		return d
	}
	if d.v4 {
		d.hasDst = ipv4.NewPacketConn(d.udp).SetControlMessage(ipv4.FlagDst, true) == nil
		d.oob = ipv4.NewControlMessage(ipv4.FlagDst)
	} else {
		d.hasDst = ipv6.NewPacketConn(d.udp).SetControlMessage(ipv6.FlagDst, true) == nil
		d.oob = ipv6.NewControlMessage(ipv6.FlagDst)
	}
	return d
}

// read returns the next packet, its sender, and its destination, if known.
func (d *udpConn) read(b []byte) (n int, from netip.AddrPort, at netip.Addr, err error) {
	if d.udp == nil {
		n, a, err := d.conn.ReadFrom(b)
		if err != nil {
			return 0, from, at, err
		}
		from, _ = netip.ParseAddrPort(a.String())
		return n, unmapped(from), d.boundAddr, nil
	}
	if !d.hasDst {
		n, from, err = d.udp.ReadFromUDPAddrPort(b)
		return n, unmapped(from), d.boundAddr, err
	}
	n, oobn, _, from, err := d.udp.ReadMsgUDPAddrPort(b, d.oob)
	if err != nil {
		return 0, from, at, err
	}
	return n, unmapped(from), d.parseDst(d.oob[:oobn]), nil
}

// parseDst returns the destination address of a packet.
func (d *udpConn) parseDst(oob []byte) netip.Addr {
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
func (d *udpConn) write(b []byte, to netip.AddrPort, at netip.Addr) error {
	switch {
	case d.udp == nil:
		_, err := d.conn.WriteTo(b, net.UDPAddrFromAddrPort(to))
		return err
	case !d.hasDst || !isHost(at):
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
