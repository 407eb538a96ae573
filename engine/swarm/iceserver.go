package swarm

import (
	"errors"
	"strings"

	"github.com/pion/stun/v4"
)

// ParseICEServer parses a STUN or TURN server as users write it: "stun:host:port" (RFC 7064), or
// "turn:user:password@host:port?transport=udp", which is RFC 7065 with the credentials that TURN requires.
func ParseICEServer(s string) (ICEServer, error) {
	server := ICEServer{URL: s}
	scheme, rest, _ := strings.Cut(s, ":")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		server.Username, server.Password, _ = strings.Cut(rest[:at], ":")
		server.URL = scheme + ":" + rest[at+1:]
	}
	u, err := stun.ParseURI(server.URL)
	if err != nil {
		return ICEServer{}, err
	}
	turn := u.Scheme == stun.SchemeTypeTURN || u.Scheme == stun.SchemeTypeTURNS
	switch {
	case u.Port < 1 || u.Port > 65535:
		return ICEServer{}, errors.New("the port must be 1 to 65535")
	case turn && (server.Username == "" || server.Password == ""):
		return ICEServer{}, errors.New("a TURN server needs a user and a password")
	case !turn && server.URL != s:
		return ICEServer{}, errors.New("a STUN server takes no user and password")
	}
	return server, nil
}
