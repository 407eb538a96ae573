package resolve

import (
	"net/http"
	"sync"
)

// renewableClient is an HTTP client whose connections can be replaced. A dead connection, as after a laptop has woken
// up in another network, would be used again and again: it seems alive for a quarter of an hour, and HTTP/2 opens no
// other one.
type renewableClient struct {
	mu       sync.Mutex
	client   *http.Client
	previous *http.Client // its last connections may still be in use; nil for none
}

func (c *renewableClient) get() *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// renew makes all later requests use new connections, unless another call has done so since used was returned by get.
func (c *renewableClient) renew(used *http.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := used.Transport.(*http.Transport)
	if !ok || c.client != used {
		return
	}
	if c.previous != nil {
		c.previous.CloseIdleConnections()
	}
	fresh := *used
	fresh.Transport = t.Clone()
	c.client, c.previous = &fresh, used
	used.CloseIdleConnections()
}

// close closes idle connections, except those of a client that the caller of New has passed (own is false) and that
// was never replaced: it may have other uses.
func (c *renewableClient) close(own bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if own || c.previous != nil {
		c.client.CloseIdleConnections()
	}
	if c.previous != nil {
		c.previous.CloseIdleConnections()
	}
}
