package lsd

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxMessage keeps a message within one packet on any network.
	maxMessage = 1400
	maxHashes  = 25 // in one message; more do not fit
)

// message is a BT-SEARCH.
type message struct {
	port   uint16
	hashes [][20]byte
	// cookie identifies a sender's own messages.
	cookie string
}

// encode encodes a message for a group. There must be at most maxHashes hashes.
func (m message) encode(group string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "BT-SEARCH * HTTP/1.1\r\nHost: %s\r\nPort: %d\r\n", group, m.port)
	for _, h := range m.hashes {
		fmt.Fprintf(&b, "Infohash: %X\r\n", h)
	}
	fmt.Fprintf(&b, "cookie: %s\r\n\r\n\r\n", m.cookie)
	return b.Bytes()
}

// parse parses a message. It returns false if b is not a message, or contains no torrent.
func parse(b []byte) (message, bool) {
	head, _, _ := strings.Cut(string(b[:min(len(b), maxMessage)]), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if method, _, _ := strings.Cut(lines[0], " "); method != "BT-SEARCH" {
		return message{}, false
	}
	var m message
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "port":
			port, err := strconv.ParseUint(value, 10, 16)
			if err != nil {
				return message{}, false
			}
			m.port = uint16(port)
		case "infohash":
			var h [20]byte
			if n, err := hex.Decode(h[:], []byte(value[:min(len(value), 40)])); err == nil && n == len(h) && len(value) == 40 {
				m.hashes = append(m.hashes, h)
			}
		case "cookie":
			m.cookie = value
		}
	}
	return m, m.port != 0 && len(m.hashes) > 0
}
