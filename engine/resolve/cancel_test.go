package resolve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestCancelledCallerDoesNotCancelTheLookUp(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	server := newDoH(t, func(w http.ResponseWriter, q *dns.Msg) {
		close(asked)
		<-release
		zone(key("600", hashA))(w, q)
	})
	r, _ := newResolver(t, Config{Servers: []string{server.url}})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := r.Resolve(ctx, host)
		left <- err
	}()
	enginetest.Receive(t, asked, "the query")
	leave()
	expectMessage(t, enginetest.Receive(t, left, "the caller that left"), engine.Unavailable, "interrupted")
	free()
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA || server.queries.Load() != 1 {
		t.Errorf("got %+v, %v after %d queries", a, err, server.queries.Load())
	}
}

func TestCloseEndsLookUps(t *testing.T) {
	asked := make(chan struct{})
	server := newDoH(t, func(http.ResponseWriter, *dns.Msg) {})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		waitForCancel(r)
	}))
	t.Cleanup(hanging.Close)
	r, _ := newResolver(t, Config{Servers: []string{hanging.URL, server.url}})
	failed := make(chan error, 1)
	go func() {
		_, err := r.Resolve(t.Context(), host)
		failed <- err
	}()
	enginetest.Receive(t, asked, "the query")
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	expectMessage(t, enginetest.Receive(t, failed, "the look-up to end"), engine.Unavailable, "interrupted")
	_, err := r.Resolve(t.Context(), host)
	expectMessage(t, err, engine.Unavailable, "interrupted")
	if n := server.queries.Load(); n != 0 {
		t.Errorf("the next server was asked %d times", n)
	}
}
