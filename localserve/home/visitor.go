package home

import (
	"errors"
	"net/http"
	"time"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

// visitorWriter is where a visitor's answer goes. It cuts an answer off whose reader takes nothing of it for a while
// (over HTTP/2, the connection's own deadline does not tell: other answers go over it), and one whose site is taken off
// while it is sent.
type visitorWriter struct {
	http.ResponseWriter
	control *http.ResponseController // nil over HTTP/1
	unread  time.Duration
	set     time.Time   // when the deadline was set
	on      func() bool // nil if the answer is none of a site that is on
	// before, if set, changes the header before it goes out.
	before func(http.Header)
}

func (s *Server) visitor(w http.ResponseWriter, r *http.Request, name string) *visitorWriter {
	v := &visitorWriter{ResponseWriter: w, unread: s.cfg.Unread}
	if r.ProtoMajor == 2 {
		v.control = http.NewResponseController(w)
	}
	if _, on, _ := s.cfg.Opener.HomeSite(name); on {
		v.on = func() bool { _, on, _ := s.cfg.Opener.HomeSite(name); return on }
	}
	return v
}

// WriteHeader implements http.ResponseWriter.
func (w *visitorWriter) WriteHeader(status int) {
	if w.before != nil {
		w.before(w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *visitorWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var errTakenOff = errors.New("home: the site was taken off meanwhile")

// Write implements http.ResponseWriter.
func (w *visitorWriter) Write(p []byte) (int, error) {
	if w.on != nil && !w.on() {
		return 0, errTakenOff
	}
	if now := time.Now(); w.control != nil && now.Sub(w.set) > min(time.Second, w.unread/8) {
		w.set = now
		_ = w.control.SetWriteDeadline(now.Add(w.unread)) // A stream that is gone fails when it is written to.
	}
	return w.ResponseWriter.Write(p)
}

// toVisitors says what an error means to somebody who can do nothing about it; the log has the rest.
func toVisitors(err error) pages.Failure {
	if engine.KindOf(err) == engine.NotReady {
		return pages.Failure{
			Status: http.StatusGatewayTimeout, Title: "Not here yet",
			Text: "This site is still on its way to this server. Try again in a moment.",
		}
	}
	return pages.Failure{
		Status: http.StatusServiceUnavailable, Title: "Not available",
		Text: "This site cannot be shown at present. Try again later.",
	}
}
