package resolve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// maxPayload is the maximum size of a relay's response, in bytes: signature, sequence number and packet.
const maxPayload = 64 + 8 + pkarr.MaxValue

// relayReply is the result of querying a relay.
type relayReply struct {
	relay string
	item  pkarr.Item // zero if it has none
	err   error
	took  time.Duration
}

// queryRelay queries a pkarr relay for a key's record and saves what it returns.
func (rs *records) queryRelay(relay string, key engine.PublicKey) relayReply {
	began := time.Now()
	item, err := rs.getItemFromRelay(relay, key)
	if err == nil && !item.IsZero() && rs.save(item, relay) {
		rs.r.memory.forget(key.Host())
	}
	return relayReply{relay, item, err, time.Since(began)}
}

// getItemFromRelay returns a relay's item of a key; zero if it has none. The error has Kind Refused if the item is not
// signed by the key's owner.
func (rs *records) getItemFromRelay(relay string, key engine.PublicKey) (item pkarr.Item, err error) {
	err = rs.doRelayRequest(http.MethodGet, relay, key, nil, func(resp *http.Response) error {
		switch resp.StatusCode {
		case http.StatusOK:
		case http.StatusNotFound:
			return nil
		default:
			return statusError(resp)
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, int64(maxPayload)+1))
		if err == nil {
			item, err = pkarr.ParsePayload(key, body)
		}
		return err
	})
	return item, err
}

// putToRelays sends a record to all relays and returns how many accepted it.
func (rs *records) putToRelays(item pkarr.Item) int {
	payload, ok := item.Payload()
	if !ok {
		return 0
	}
	took := make(chan bool)
	for _, relay := range rs.r.cfg.Relays {
		rs.r.background.Go(func() {
			err := rs.doRelayRequest(http.MethodPut, relay, item.Key, payload, func(resp *http.Response) error {
				if resp.StatusCode/100 != 2 {
					return statusError(resp)
				}
				return nil
			})
			if err != nil {
				rs.r.log.Info("resolve: a relay does not take a record", "relay", relay, "key", item.Key.Host(), "error", err)
			}
			took <- err == nil
		})
	}
	n := 0
	for range rs.r.cfg.Relays {
		if <-took {
			n++
		}
	}
	return n
}

// doRelayRequest makes a request to a relay, and calls read with the response.
func (rs *records) doRelayRequest(
	method, relay string, key engine.PublicKey, body []byte, read func(*http.Response) error,
) error {
	if err := checkServer(relay); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(rs.r.ctx, rs.r.client.timeout)
	defer cancel()
	url := strings.TrimSuffix(relay, "/") + "/" + key.Host()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := rs.r.client.get().Do(req)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("no answer in %v", rs.r.client.timeout)
	case err != nil:
		return describeRequestError(err)
	}
	defer func() { _ = resp.Body.Close() }() // The body was read to its end, or is dropped.
	return read(resp)
}
