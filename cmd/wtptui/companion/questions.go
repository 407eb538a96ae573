package companion

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	"wtptui/engine"
)

// request is a request of the extension. Each has one response, with the same ID.
type request struct {
	ID int64  `json:"id"`
	Op string `json:"op"`
	// Host is the site, for pin, unpin, touch and details.
	Host string `json:"host"`
	// Page is the address of a page on the loopback server, for site.
	Page string `json:"page"`
	// Text is the search text of find, or what a person has typed, for open.
	Text string `json:"text"`
	// Limit is the maximum number of sites that find returns; 0 means maxResults.
	Limit int `json:"most"`
	// TabOrigins are the origins that all tabs show, for shown.
	TabOrigins []string `json:"origins"`
}

// response has a result, or the reason why there is none.
type response struct {
	ID     int64  `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

const (
	// maxTasks bounds the requests that are answered at the same time.
	maxTasks = 32
	// maxOrigins bounds the origins that tabs show.
	maxOrigins = 2000
	// taskTimeout is how long an engine may take to answer.
	taskTimeout = 30 * time.Second
)

// allowedVerbs are what the extension may do to a site.
var allowedVerbs = map[string]engine.Verb{"pin": engine.Pin, "unpin": engine.Unpin, "touch": engine.Touch}

// handleFrame answers a message, at once or when a task has ended.
func (s *session) handleFrame(frame []byte) error {
	var req request
	if err := json.Unmarshal(frame, &req); err != nil {
		return s.reply(req, nil, invalid("the message is not what was expected"))
	}
	switch req.Op {
	case "shown":
		return s.setTabOrigins(req)
	case "start":
		return s.answerWhenDone(req, func(ctx context.Context) (any, error) {
			s.startMutex.Lock()
			defer s.startMutex.Unlock()
			err := s.Start(ctx)
			select {
			case s.reconnect <- struct{}{}:
			default:
			}
			return nil, err
		})
	case "site", "details", "find", "open", "pin", "unpin", "touch":
		if s.engine == nil {
			return s.reply(req, nil, s.engineErr)
		}
		return s.answerFromEngine(req)
	}
	return s.reply(req, nil, invalid("there is no such question"))
}

// answerFromEngine answers a request that needs an engine.
func (s *session) answerFromEngine(req request) error {
	eng, now := s.engine, time.Now()
	switch req.Op {
	case "site":
		site, ok := siteAt(s.sites, req.Page)
		if !ok {
			return s.reply(req, nil, nil)
		}
		return s.reply(req, newView(site, req.Page, now, s.traces[site.Host]), nil)
	case "find":
		return s.reply(req, searchSites(s.sites, req.Text, req.Limit, now), nil)
	case "open":
		where, err := s.resolveText(req.Text)
		return s.reply(req, where, err)
	case "details":
		return s.answerWhenDone(req, func(ctx context.Context) (any, error) {
			d, err := eng.Detail(ctx, req.Host)
			return newDetails(d, now), err
		})
	}
	return s.answerWhenDone(req, func(ctx context.Context) (any, error) {
		return nil, eng.Do(ctx, allowedVerbs[req.Op], req.Host)
	})
}

// setTabOrigins stores which origins tabs show now.
func (s *session) setTabOrigins(req request) error {
	if len(req.TabOrigins) > maxOrigins {
		req.TabOrigins = req.TabOrigins[:maxOrigins]
	}
	s.tabOrigins = slices.Clone(req.TabOrigins)
	slices.Sort(s.tabOrigins)
	s.tabOrigins = slices.Compact(s.tabOrigins)
	s.keepTabsOpen()
	if err := s.reply(req, nil, nil); err != nil {
		return err
	}
	return s.sendNews()
}

// resolveText returns the address that a browser has to open for what a person has typed: that of a known site, found
// also by its title or by the beginning of its name, or for other sites the address at which the server asks the
// person. It adds no site.
func (s *session) resolveText(text string) (string, error) {
	if s.root == "" {
		return "", &engine.Error{
			Op: "open", Kind: engine.Unavailable, Msg: "the running wtptui serves no pages: restart it and read its warnings",
		}
	}
	addr, err := engine.ParseKnownAddress(text)
	if addr.TorrentFile != "" {
		return "", invalid("that is not the address of a site: `wtptui add` takes .torrent files")
	}
	host := addr.Host
	if err != nil || host == "" { // An address is never taken for the title of another site.
		if host, err = engine.FindHost(text, engine.Candidates(s.sites)); err != nil {
			return "", err
		}
		addr.Host = host
	}
	i := slices.IndexFunc(s.sites, func(site engine.Site) bool { return site.Host == host })
	if i >= 0 && s.sites[i].LocalURL != "" {
		return addr.Resolve(s.sites[i].LocalURL), nil
	}
	return s.root + "?uri=" + url.QueryEscape(addr.String()), nil
}

func (s *session) reply(req request, result any, err error) error {
	return s.writeResponse(newResponse(req, result, err))
}

// writeResponse sends a response, or if it is too long, an error in its place.
func (s *session) writeResponse(resp response) error {
	err := writeFrame(s.out, resp)
	if errors.Is(err, errTooLong) {
		return writeFrame(s.out, response{ID: resp.ID, Error: engine.Message(err)})
	}
	return err
}

func newResponse(req request, result any, err error) response {
	if err != nil {
		return response{ID: req.ID, Error: engine.Message(err)}
	}
	return response{ID: req.ID, Result: result}
}

// answerWhenDone runs work in a task, and answers with its result.
func (s *session) answerWhenDone(req request, work func(ctx context.Context) (any, error)) error {
	if s.pendingTasks >= maxTasks {
		return s.reply(req, nil, &engine.Error{Op: req.Op, Kind: engine.Unavailable, Msg: "too much at once: try again"})
	}
	s.pendingTasks++
	s.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, taskTimeout)
		defer cancel()
		result, err := work(ctx)
		select {
		case s.responses <- newResponse(req, result, err):
		case <-s.ctx.Done():
		}
	})
	return nil
}

func invalid(msg string) error {
	return &engine.Error{Op: "native-host", Kind: engine.Invalid, Msg: msg}
}
