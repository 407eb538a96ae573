package control

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// Watch implements engine.Engine. The connection is read as fast as it delivers; a reader of the channel that is slow
// skips states here, as it would with an engine of its own process.
func (c *Client) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	if c.ctx.Err() != nil {
		return nil, failed(c.ctx, "control: watch", "", c.ctx.Err())
	}
	// The watch ends with its caller's context and with the client, whichever is first.
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(c.ctx, cancel)
	resp, err := c.send(ctx, http.MethodGet, pathWatch, nil)
	if err != nil {
		err = failed(ctx, "control: watch", "", err)
	} else if resp.StatusCode != http.StatusOK {
		err = readFailure(ctx, "control: watch", "", resp, io.LimitReader(resp.Body, maxBody))
		resp.Body.Close()
	}
	if err != nil {
		unlink()
		cancel()
		return nil, err
	}
	ch := make(chan engine.Snapshot, 1)
	c.watches.Go(func() {
		defer func() {
			resp.Body.Close()
			unlink()
			cancel()
			close(ch)
		}()
		relay(resp.Body, ch)
	})
	return ch, nil
}

// relay reads snapshots until the connection ends or sends what is no snapshot.
func relay(body io.Reader, ch chan engine.Snapshot) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxBody)
	for lines.Scan() {
		var s engine.Snapshot
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			return
		}
		offer(ch, s)
	}
}

// offer puts s into ch in place of a snapshot that was not taken, whose events it inherits: as many as a watch.Hub
// keeps, the newest ones. Only one goroutine may offer to a channel.
func offer(ch chan engine.Snapshot, s engine.Snapshot) {
	select {
	case missed := <-ch:
		s.Events = slices.Concat(missed.Events, s.Events)
		s.Events = s.Events[max(0, len(s.Events)-watch.Recent):]
	default:
	}
	ch <- s
}
