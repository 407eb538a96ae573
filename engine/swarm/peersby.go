package swarm

import "wtptui/engine"

// PeersBy counts the connections of all torrents by transport. Transports without connections are omitted.
func (c *Client) PeersBy() map[engine.Via]int {
	by := map[engine.Via]int{}
	for _, h := range c.torrents.all() {
		s := h.swarmStats()
		for via, n := range map[engine.Via]int{engine.TCP: s.Peers - s.UTP - s.Web, engine.UTP: s.UTP, engine.WebRTC: s.Web} {
			if n > 0 {
				by[via] += n
			}
		}
	}
	return by
}
