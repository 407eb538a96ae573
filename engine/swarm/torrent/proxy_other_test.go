//go:build !linux

package torrent

import "net"

func ackNow(net.Conn) {}
