package main

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine/swarm"
)

func checkSTUN(s string) error {
	if _, err := swarm.ParseICEServer(s); err != nil {
		return fmt.Errorf("%q is not a STUN or TURN server: give stun:host:port, turn:user:password@host:port, or none", s)
	}
	return nil
}

// iceServers converts the URLs that checkSTUN has accepted.
func iceServers(list []string) []swarm.ICEServer {
	var servers []swarm.ICEServer
	for _, s := range list {
		if server, err := swarm.ParseICEServer(s); err == nil {
			servers = append(servers, server)
		}
	}
	return servers
}

// stunForPages returns the servers that may be published in pages. A TURN server serves whoever knows its password.
func stunForPages(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		return !strings.HasPrefix(s, "stun:") && !strings.HasPrefix(s, "stuns:")
	})
}
