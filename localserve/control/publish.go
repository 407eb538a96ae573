package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"wtptui/engine"
)

// publish writes the progress and the result of a publication as lines. It is cancelled when the client closes the
// connection.
func (s *server) publish(w http.ResponseWriter, r *http.Request, req engine.PublishRequest) error {
	w.Header().Set("Content-Type", "application/jsonl")
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w)
	lines := json.NewEncoder(w)
	send := func(p publishing) {
		// Errors are ignored: if the client is gone, the request's context ends and cancels the publication.
		_ = lines.Encode(p)
		_ = flush.Flush()
	}
	done, err := s.engine.Publish(r.Context(), req, func(p engine.PublishProgress) { send(publishing{Progress: &p}) })
	end := publishing{Publication: &done}
	if err != nil {
		f := toFailure(err)
		end.Failure = &f
	}
	send(end)
	return nil
}

// Publish implements engine.Engine.
func (c *Client) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	const op = "control: publish"
	if err := checkSameFolder(ctx, c, op, req.Dir, false); err != nil {
		return engine.Publication{}, err
	}
	resp, err := c.send(ctx, http.MethodPost, pathPublish, req)
	if err != nil {
		return engine.Publication{}, wrapError(ctx, op, "", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return engine.Publication{}, readFailure(ctx, op, "", resp, io.LimitReader(resp.Body, maxBody))
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxBody)
	for lines.Scan() {
		var p publishing
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return engine.Publication{}, wrapError(ctx, op, "", err)
		}
		switch {
		case p.Publication != nil && p.Failure != nil:
			return *p.Publication, p.Failure.asError()
		case p.Publication != nil:
			return *p.Publication, nil
		case p.Progress != nil && progress != nil:
			progress(*p.Progress)
		}
	}
	if err := lines.Err(); err != nil {
		return engine.Publication{}, wrapError(ctx, op, "", err)
	}
	return engine.Publication{}, wrapError(ctx, op, "", errors.New("the answer is cut off"))
}
