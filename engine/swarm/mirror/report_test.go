package mirror

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"wtptui/engine/swarm/wire"
)

// TestErrorsAreReported: both the failures of a mirror and its recovery are reported.
func TestErrorsAreReported(t *testing.T) {
	s := newSite().add("index.html", 700)
	synctest.Test(t, func(t *testing.T) {
		said := make(chan error, 8)
		rt := &transport{serve: func(n int, r *http.Request) (*http.Response, error) {
			switch n {
			case 1:
				return nil, errDropped
			case 2:
				return status(503), nil
			}
			return s.respond(r)
		}}
		c := New(Config{
			URL: "http://mirror.example/", Name: "site", Dir: true, Files: s.files, Transport: rt,
			Report: func(err error) { said <- err },
		})
		defer c.Wait()
		defer c.Close()
		c.Start(wire.Options{})
		c.SetLayout(s.layout())
		p := &peer{c, t, s}
		p.expect(wire.HaveAll)
		p.expect(wire.Unchoke)
		p.download(s.all())
		if err := <-said; !errors.Is(err, errDropped) {
			t.Errorf("first %v", err)
		}
		if err := <-said; err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("then %v", err)
		}
		if err := <-said; err != nil || len(said) > 0 {
			t.Errorf("at last %v", err)
		}
	})
}
