package swarm

import "wtptui/engine"

// PeersBy counts the connections of all torrents by the way they are made. A way without connections is not in it.
func (c *Client) PeersBy() map[engine.Via]int {
	by := map[engine.Via]int{}
	c.conns.mu.Lock()
	defer c.conns.mu.Unlock()
	for _, conn := range c.conns.open {
		by[conn.via]++
	}
	return by
}
