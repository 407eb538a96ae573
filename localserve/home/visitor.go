package home

import (
	"errors"
	"net/http"
	"time"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

// visitorWriter writes a visitor's response. It aborts the response if the reader reads nothing for a while (over
// HTTP/2, the connection's deadline does not help, since other responses share it), or if its site is taken off
// meanwhile.
type visitorWriter struct {
	http.ResponseWriter
	controller    *http.ResponseController // nil over HTTP/1
	writeTimeout  time.Duration
	deadlineSetAt time.Time   // when the deadline was set
	isOn          func() bool // nil if the response is not of a site that is on
	// beforeHeader, if set, changes the header before it is sent.
	beforeHeader func(http.Header)
}

func (s *Server) newVisitorWriter(w http.ResponseWriter, r *http.Request, name string) *visitorWriter {
	v := &visitorWriter{ResponseWriter: w, writeTimeout: s.cfg.WriteTimeout}
	if r.ProtoMajor == 2 {
		v.controller = http.NewResponseController(w)
	}
	if _, on, _ := s.cfg.Opener.HomeSite(name); on {
		v.isOn = func() bool { _, on, _ := s.cfg.Opener.HomeSite(name); return on }
	}
	return v
}

// WriteHeader implements http.ResponseWriter.
func (w *visitorWriter) WriteHeader(status int) {
	if w.beforeHeader != nil {
		w.beforeHeader(w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *visitorWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var errSiteTakenOff = errors.New("home: the site was taken off meanwhile")

// Write implements http.ResponseWriter.
func (w *visitorWriter) Write(p []byte) (int, error) {
	if w.isOn != nil && !w.isOn() {
		return 0, errSiteTakenOff
	}
	if now := time.Now(); w.controller != nil && now.Sub(w.deadlineSetAt) > min(time.Second, w.writeTimeout/8) {
		w.deadlineSetAt = now
		_ = w.controller.SetWriteDeadline(now.Add(w.writeTimeout)) // A write to a closed stream fails later.
	}
	return w.ResponseWriter.Write(p)
}

// visitorFailure returns the failure page for an error, for a person who cannot do anything about it; the details are
// in the log.
func visitorFailure(err error) pages.Failure {
	if engine.KindOf(err) == engine.NotReady {
		return pages.Failure{
			Status: http.StatusGatewayTimeout, Title: "Not here yet",
			Text: "This server is still downloading the site. Try again in a moment.",
		}
	}
	return pages.Failure{
		Status: http.StatusServiceUnavailable, Title: "Not available",
		Text: "This site cannot be shown now. Try again later.",
	}
}
