package resolve

import (
	"net/http"
	"sync"
)

// renewable is a client whose connections can be given up. One that leads nowhere any more, as when a laptop wakes up in
// another network, would be asked again and again: it looks alive for a quarter of an hour, and HTTP/2 needs no other.
type renewable struct {
	mu     sync.Mutex
	client *http.Client
	former *http.Client // whose last connections may still be in use; nil for none
}

func (c *renewable) get() *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// renew lets everything that is asked from now on go over new connections, unless that has been seen to since used was
// got.
func (c *renewable) renew(used *http.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := used.Transport.(*http.Transport)
	if !ok || c.client != used {
		return
	}
	if c.former != nil {
		c.former.CloseIdleConnections()
	}
	fresh := *used
	fresh.Transport = t.Clone()
	c.client, c.former = &fresh, used
	used.CloseIdleConnections()
}

// close closes all connections but those of a client that was given, which may have other uses.
func (c *renewable) close(own bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if own || c.former != nil {
		c.client.CloseIdleConnections()
	}
	if c.former != nil {
		c.former.CloseIdleConnections()
	}
}
