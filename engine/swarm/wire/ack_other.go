//go:build !linux

package wire

import "net"

// withQuickAck returns c: other systems cannot be asked to acknowledge at once.
func withQuickAck(c net.Conn) net.Conn { return c }
