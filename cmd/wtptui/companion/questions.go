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

// question is what the extension asks. Each has one answer, with its number.
type question struct {
	ID int64  `json:"id"`
	Op string `json:"op"`
	// Host is the site of pin, unpin, touch and details.
	Host string `json:"host"`
	// Page is the address of the page of site, on the loopback server.
	Page string `json:"page"`
	// Text is what to find, or what a person has typed for open.
	Text string `json:"text"`
	// Most is how many sites find gives at most; 0 is as many as it gives at all.
	Most int `json:"most"`
	// Origins are what all tabs show, for shown.
	Origins []string `json:"origins"`
}

// answer has a result, or says why there is none.
type answer struct {
	ID     int64  `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

const (
	// maxAsked bounds the questions that are being answered at the same time.
	maxAsked = 32
	// maxOrigins bounds the origins that tabs show.
	maxOrigins = 2000
	// answerTime is how long an engine may take.
	answerTime = 30 * time.Second
)

// verbs are what the extension may do to a site.
var verbs = map[string]engine.Verb{"pin": engine.Pin, "unpin": engine.Unpin, "touch": engine.Touch}

// receive answers a message, now or when a task has ended.
func (s *session) receive(frame []byte) error {
	var q question
	if err := json.Unmarshal(frame, &q); err != nil {
		return s.reply(q, nil, invalid("the message is not what was expected"))
	}
	switch q.Op {
	case "shown":
		return s.show(q)
	case "start":
		return s.later(q, func(ctx context.Context) (any, error) {
			s.starting.Lock()
			defer s.starting.Unlock()
			err := s.Start(ctx)
			select {
			case s.again <- struct{}{}:
			default:
			}
			return nil, err
		})
	case "site", "details", "find", "open", "pin", "unpin", "touch":
		if s.engine == nil {
			return s.reply(q, nil, s.away)
		}
		return s.ask(q)
	}
	return s.reply(q, nil, invalid("there is no such question"))
}

// ask answers what needs an engine.
func (s *session) ask(q question) error {
	eng, now := s.engine, time.Now()
	switch q.Op {
	case "site":
		site, ok := siteAt(s.sites, q.Page)
		if !ok {
			return s.reply(q, nil, nil)
		}
		return s.reply(q, viewOf(site, q.Page, now, s.traces[site.Host]), nil)
	case "find":
		return s.reply(q, search(s.sites, q.Text, q.Most, now), nil)
	case "open":
		where, err := s.open(q.Text)
		return s.reply(q, where, err)
	case "details":
		return s.later(q, func(ctx context.Context) (any, error) {
			d, err := eng.Detail(ctx, q.Host)
			return detailsOf(d, now), err
		})
	}
	return s.later(q, func(ctx context.Context) (any, error) {
		return nil, eng.Do(ctx, verbs[q.Op], q.Host)
	})
}

// show takes what tabs show now.
func (s *session) show(q question) error {
	if len(q.Origins) > maxOrigins {
		q.Origins = q.Origins[:maxOrigins]
	}
	s.shown = slices.Clone(q.Origins)
	slices.Sort(s.shown)
	s.shown = slices.Compact(s.shown)
	s.keepShown()
	if err := s.reply(q, nil, nil); err != nil {
		return err
	}
	return s.tell()
}

// open returns the address that a browser has to be sent to for what a person has typed: that of a site that is here,
// also by its title or by the beginning of its name, or the one where the server asks for the others. It adds none
// itself.
func (s *session) open(text string) (string, error) {
	if s.root == "" {
		return "", &engine.Error{
			Op: "open", Kind: engine.Unavailable, Msg: "the running wtptui serves no pages: restart it and read its warnings",
		}
	}
	addr, err := engine.ParseKnownAddress(text)
	if addr.TorrentFile != "" {
		return "", invalid("that is no address of a site: `wtptui add` takes .torrent files")
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

func (s *session) reply(q question, result any, err error) error {
	return s.write(answerTo(q, result, err))
}

// write sends an answer, or why it cannot be sent.
func (s *session) write(a answer) error {
	err := writeFrame(s.out, a)
	if errors.Is(err, errTooLong) {
		return writeFrame(s.out, answer{ID: a.ID, Error: engine.Message(err)})
	}
	return err
}

func answerTo(q question, result any, err error) answer {
	if err != nil {
		return answer{ID: q.ID, Error: engine.Message(err)}
	}
	return answer{ID: q.ID, Result: result}
}

// later answers when work is done.
func (s *session) later(q question, work func(ctx context.Context) (any, error)) error {
	if s.asked >= maxAsked {
		return s.reply(q, nil, &engine.Error{Op: q.Op, Kind: engine.Unavailable, Msg: "too much at once: try again"})
	}
	s.asked++
	s.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, answerTime)
		defer cancel()
		result, err := work(ctx)
		select {
		case s.answers <- answerTo(q, result, err):
		case <-s.ctx.Done():
		}
	})
	return nil
}

func invalid(msg string) error {
	return &engine.Error{Op: "native-host", Kind: engine.Invalid, Msg: msg}
}
