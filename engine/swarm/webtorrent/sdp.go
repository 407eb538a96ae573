package webtorrent

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// cleanSDP removes everything from a peer's offer or answer but one data channel and a limited number of UDP
// candidates at addresses that reachable allows. Candidates with an mDNS name are returned separately, since resolving
// the name takes time.
func cleanSDP(sdp string, reachable func(netip.Addr) bool) (clean string, hidden []candidate, err error) {
	if len(sdp) > maxSDP {
		return "", nil, fmt.Errorf("webtorrent: session description of %d bytes", len(sdp))
	}
	var b strings.Builder
	media, candidates := 0, 0
	for line := range strings.Lines(sdp) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "m=") {
			media++
			if !strings.HasPrefix(line, "m=application ") {
				return "", nil, errors.New("webtorrent: session description with media")
			}
		}
		if strings.HasPrefix(line, "a=candidate:") {
			c := parseCandidate(line)
			switch {
			case c.isHidden() && len(hidden) < maxNames:
				hidden = append(hidden, c)
				continue
			case !c.isUsable(reachable) || candidates == maxCandidates:
				continue
			}
			candidates++
		}
		b.WriteString(line)
		b.WriteString("\r\n")
	}
	if media != 1 {
		return "", nil, fmt.Errorf("webtorrent: session description with %d media sections", media)
	}
	return b.String(), hidden, nil
}

// candidate is an ICE candidate (RFC 8839, section 5.1): the fields of an "a=candidate:" line.
type candidate []string

func parseCandidate(line string) candidate {
	fields := strings.Fields(line)
	if len(fields) < 8 {
		return nil
	}
	return fields
}

const (
	candidateProtocol = 2
	candidateAddress  = 4
)

// isHidden reports whether the address is an mDNS name.
func (c candidate) isHidden() bool {
	return c != nil && strings.HasSuffix(c[candidateAddress], ".local")
}

// isUsable reports whether the candidate may be tried. TCP candidates would make us connect to any TCP port that a
// peer names.
func (c candidate) isUsable(reachable func(netip.Addr) bool) bool {
	if c == nil || !strings.EqualFold(c[candidateProtocol], "udp") {
		return false
	}
	ip, err := netip.ParseAddr(c[candidateAddress])
	return err == nil && isUsableIP(ip, true) && reachable(ip.Unmap())
}

// withAddress returns the candidate with another address.
func (c candidate) withAddress(ip netip.Addr) candidate {
	c = slices.Clone(c)
	c[candidateAddress] = ip.String()
	return c
}

// String returns the attribute without "a=".
func (c candidate) String() string {
	return strings.TrimPrefix(strings.Join(c, " "), "a=")
}

// isUsableIP reports whether a host can have this address; loopback addresses only if local is set.
func isUsableIP(ip netip.Addr, local bool) bool {
	ip = ip.Unmap()
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.IsMulticast(), ip.Zone() != "":
		return false
	case ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return false
	}
	return local || !ip.IsLoopback()
}
