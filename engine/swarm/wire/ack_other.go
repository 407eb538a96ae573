//go:build !linux

package wire

import "net"

// promptly has what is read acknowledged at once where that can be asked for.
func promptly(c net.Conn) net.Conn { return c }
