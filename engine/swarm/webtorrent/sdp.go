package webtorrent

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// cleanSDP makes a stranger's offer or answer fit for use: one data channel and nothing else, and a bounded number of
// UDP candidates at addresses that reachable allows. Candidates whose address is an mDNS name are taken out and given
// apart, since finding the address takes time.
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
			case c.hidden() && len(hidden) < maxNames:
				hidden = append(hidden, c)
				continue
			case !c.usable(reachable) || candidates == maxCandidates:
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

// candidate is an address that a peer may be reached at (RFC 8839, section 5.1): the line "a=candidate:" in its fields.
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

// hidden reports whether the address is an mDNS name.
func (c candidate) hidden() bool {
	return c != nil && strings.HasSuffix(c[candidateAddress], ".local")
}

// usable reports whether the candidate may be tried. Those over TCP would have us connect to any TCP port that a stranger
// names.
func (c candidate) usable(reachable func(netip.Addr) bool) bool {
	if c == nil || !strings.EqualFold(c[candidateProtocol], "udp") {
		return false
	}
	ip, err := netip.ParseAddr(c[candidateAddress])
	return err == nil && usable(ip, true) && reachable(ip.Unmap())
}

// at is the candidate with another address.
func (c candidate) at(ip netip.Addr) candidate {
	c = slices.Clone(c)
	c[candidateAddress] = ip.String()
	return c
}

// String is the attribute without "a=".
func (c candidate) String() string {
	return strings.TrimPrefix(strings.Join(c, " "), "a=")
}

// usable reports whether a host can be at an address; on loopback only if local says so.
func usable(ip netip.Addr, local bool) bool {
	ip = ip.Unmap()
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.IsMulticast(), ip.Zone() != "":
		return false
	case ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return false
	}
	return local || !ip.IsLoopback()
}
