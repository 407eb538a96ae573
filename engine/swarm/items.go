package swarm

import (
	"context"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// GetItem looks a key's item up in the DHT (BEP 44), over IPv4 and IPv6. It calls found, from one goroutine at a time,
// with each valid item that is newer than those before, and returns when the nodes nearest to the key have been heard,
// or ctx ends. Kind Unavailable if no node answered, or there is no DHT.
func (c *Client) GetItem(ctx context.Context, key engine.PublicKey, found func(pkarr.Item)) (pkarr.Lookup, error) {
	return pkarr.Lookup{}, &engine.Error{Op: "swarm: get item", Kind: engine.Unavailable, Msg: "there is no DHT"}
}

// KeepItem looks a key's item up to the end, and puts the newest of those that were found and the one that is known to
// the nodes nearest to it, unchanged. known may be zero. A paced one waits for its turn: all of them together send and
// get at most 30 packets a second. Errors are those of GetItem; the Lookup says what was found all the same.
func (c *Client) KeepItem(ctx context.Context, key engine.PublicKey, known pkarr.Item, paced bool) (pkarr.Lookup, error) {
	return pkarr.Lookup{Newest: known}, &engine.Error{Op: "swarm: keep item", Kind: engine.Unavailable, Msg: "there is no DHT"}
}
