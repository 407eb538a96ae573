package main

import (
	"fmt"

	"wtptui/engine/swarm"
)

func checkSTUN(s string) error {
	if _, err := swarm.ParseICEServer(s); err != nil {
		return fmt.Errorf("%q is no STUN or TURN server: give stun:host:port, turn:user:password@host:port, or none", s)
	}
	return nil
}

// iceServers gives what checkSTUN has accepted.
func iceServers(list []string) []swarm.ICEServer {
	var servers []swarm.ICEServer
	for _, s := range list {
		if server, err := swarm.ParseICEServer(s); err == nil {
			servers = append(servers, server)
		}
	}
	return servers
}
