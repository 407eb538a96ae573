package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// requester sends requests to a server.
type requester struct {
	http  *http.Client
	rates rates
}

// call sends one request and decodes its reply; a nil reply discards it.
func (q *requester) call(ctx context.Context, op, host, method, path string, body, reply any) error {
	_, err := q.callSized(ctx, op, host, method, path, body, reply)
	return err
}

// callSized is call. It also returns the size of the compressed reply in bytes, or 0 if it was not compressed.
func (q *requester) callSized(ctx context.Context, op, host, method, path string, body, reply any) (int, error) {
	resp, err := q.send(ctx, method, path, body)
	if err != nil {
		return 0, wrapError(ctx, op, host, err)
	}
	defer resp.Body.Close()
	limited := io.LimitReader(resp.Body, maxBody)
	if resp.StatusCode >= http.StatusBadRequest {
		return 0, readFailure(ctx, op, host, resp, limited)
	}
	if reply == nil {
		return 0, nil
	}
	if err := readJSON(limited, reply); err != nil {
		return 0, wrapError(ctx, op, host, fmt.Errorf("read reply: %w", err))
	}
	if packed, ok := resp.Body.(*gzipBody); ok {
		return packed.compressed.n, nil
	}
	return 0, nil
}

func (q *requester) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		if len(data) > maxBody {
			return nil, errTooLarge
		}
		reader = bytes.NewReader(data)
	}
	return q.sendBody(ctx, method, path, reader, "")
}

// sendBody sends one request. media is the media type of its body, empty for JSON.
func (q *requester) sendBody(
	ctx context.Context, method, path string, reader io.Reader, media string,
) (*http.Response, error) {
	// HTTP requires a host; the server ignores it.
	req, err := http.NewRequestWithContext(ctx, method, "http://wtptui"+path, reader)
	if err != nil {
		return nil, err
	}
	req.Header.Set(versionHeader, strconv.Itoa(Protocol))
	req.Header.Set("TE", trailers)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if q.rates.watch == 0 {
		return q.http.Do(req)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := q.http.Do(req)
	if err == nil && resp.Header.Get("Content-Encoding") == "gzip" {
		resp.Body = decompress(resp.Body)
	}
	return resp, err
}
