package swarm

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"testing"
)

func TestMirrorFaults(t *testing.T) {
	get := func(err error) error { return &url.Error{Op: "Get", URL: "http://m/site/index.html", Err: err} }
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	var f webSeedErrors
	for i, step := range []struct {
		url  string
		err  error
		want string
	}{
		{"http://a/", get(io.EOF), "the web seed does not work: it ends the connection without an answer"},
		{"http://a/", get(refused), "the web seed does not work: it refuses the connection"},
		{
			"http://a/", fmt.Errorf("body: %w", io.ErrUnexpectedEOF),
			"the web seed does not work: it ends the connection in the middle of an answer",
		},
		{"http://a/", errors.New("503 Service\x1b Unavailable"), "the web seed does not work: 503 Service Unavailable"},
		{"http://b/", get(refused), "none of 2 web seeds works: it refuses the connection"},
		{"http://a/", nil, ""},
		{"http://b/", nil, ""},
		{"http://b/", get(io.EOF), ""},
	} {
		if f.record(step.url, step.err); f.message() != step.want {
			t.Errorf("step %d: %q, want %q", i, f.message(), step.want)
		}
	}
	if s := (&webSeedErrors{}).message(); s != "" {
		t.Errorf("before any is asked: %q", s)
	}
}
