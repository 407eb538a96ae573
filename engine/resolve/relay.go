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

// maxPayload is the longest that a relay has of a key, in bytes: signature, sequence number and packet.
const maxPayload = 64 + 8 + pkarr.MaxValue

// relayReply is what became of asking a relay.
type relayReply struct {
	relay string
	item  pkarr.Item // zero if it has none
	err   error
	took  time.Duration
}

// fromRelay asks a pkarr relay for a key's record.
func (rs *records) fromRelay(relay string, key engine.PublicKey) relayReply {
	began := time.Now()
	item, err := rs.getFromRelay(relay, key)
	if err == nil && !item.IsZero() && rs.note(item, relay, false) {
		rs.r.memory.forget(key.Host())
	}
	return relayReply{relay, item, err, time.Since(began)}
}

// getFromRelay returns what a relay has of a key; zero if that is nothing. Its error has Kind Refused if it cannot be what
// the key's owner has signed.
func (rs *records) getFromRelay(relay string, key engine.PublicKey) (pkarr.Item, error) {
	resp, done, err := rs.call(http.MethodGet, relay, key, nil)
	if err != nil {
		return pkarr.Item{}, err
	}
	defer done()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return pkarr.Item{}, nil
	default:
		return pkarr.Item{}, statusError(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(maxPayload)+1))
	if err != nil {
		return pkarr.Item{}, err
	}
	return pkarr.ParsePayload(key, body)
}

// putToRelays gives a record to all relays and returns how many took it.
func (rs *records) putToRelays(item pkarr.Item) int {
	payload, ok := item.Payload()
	if !ok {
		return 0
	}
	took := make(chan bool)
	for _, relay := range rs.r.cfg.Relays {
		rs.r.flying.Go(func() {
			resp, done, err := rs.call(http.MethodPut, relay, item.Key, payload)
			if err == nil {
				defer done()
				if resp.StatusCode/100 != 2 {
					err = fmt.Errorf("HTTP %d", resp.StatusCode)
				}
			}
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

// call makes a request to a relay. The caller calls done when it has read the answer.
func (rs *records) call(method, relay string, key engine.PublicKey, body []byte) (_ *http.Response, done func(), _ error) {
	if err := checkServer(relay); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(rs.r.ctx, rs.r.timeout)
	url := strings.TrimSuffix(relay, "/") + "/" + key.Host()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		cancel()
		return nil, nil, err
	}
	resp, err := rs.r.client.get().Do(req)
	if err != nil {
		cancel()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, nil, fmt.Errorf("no answer in %v", rs.r.timeout)
		}
		return nil, nil, requestFault(err)
	}
	done = func() {
		_ = resp.Body.Close() // It is read to its end or given up.
		cancel()
	}
	return resp, done, nil
}
