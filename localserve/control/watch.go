package control

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// Watch implements engine.Engine. It reads all snapshots as they arrive; a slow reader of the channel skips snapshots,
// as with a local engine.
func (c *Client) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	if c.ctx.Err() != nil {
		return nil, wrapError(c.ctx, "control: watch", "", c.ctx.Err())
	}
	// The watch ends with ctx or with the client, whichever is first.
	ctx, cancel := context.WithCancel(ctx)
	unlink := context.AfterFunc(c.ctx, cancel)
	resp, err := c.send(ctx, http.MethodGet, c.watchPath(), nil)
	if err != nil {
		err = wrapError(ctx, "control: watch", "", err)
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
		readFrames(resp.Body, ch)
	})
	return ch, nil
}

// watchPath returns the path of a watch, limited to the client's rate.
func (c *Client) watchPath() string {
	if c.rates.watch == 0 {
		return pathWatch
	}
	return pathWatch + "?rate=" + strconv.Itoa(c.rates.watch)
}

// readFrames sends the snapshots of a watch to ch until the connection ends or a frame is invalid.
func readFrames(body io.Reader, ch chan engine.Snapshot) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxBody)
	var last engine.Snapshot
	for lines.Scan() {
		var f frame
		if json.Unmarshal(lines.Bytes(), &f) != nil {
			return
		}
		var err error
		if last, err = f.Patch.apply(last); err != nil {
			return
		}
		next := last
		next.Events = f.Events
		sendLatest(ch, next)
	}
}

// sendLatest replaces the snapshot in ch, if it was not received yet. Its events are added to those of s, of which the
// newest watch.MaxRecentEvents are kept. Only one goroutine may send to a channel.
func sendLatest(ch chan engine.Snapshot, s engine.Snapshot) {
	select {
	case missed := <-ch:
		s.Events = slices.Concat(missed.Events, s.Events)
		s.Events = s.Events[max(0, len(s.Events)-watch.MaxRecentEvents):]
	default:
	}
	ch <- s
}
