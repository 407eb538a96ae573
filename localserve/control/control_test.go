package control_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/watch"
	"wtptui/localserve/control"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is an engine whose methods a test provides.
type script struct {
	engine.Engine // nil: what is not written below is not asked
	hub           watch.Hub
	detail        func(host string) (engine.Detail, error)
	add           func(engine.AddRequest) (engine.Site, error)
	do            func(engine.Verb, string) error
	doAll         func(context.Context, engine.Verb, []string) error // in place of do
	limits        func(engine.Limits) error
	assign        func(engine.Assignment, []string) error
	export        func(string, engine.ExportRequest) error
}

func (s *script) Detail(_ context.Context, host string) (engine.Detail, error) { return s.detail(host) }

func (s *script) Add(_ context.Context, r engine.AddRequest) (engine.Site, error) { return s.add(r) }

func (s *script) Do(ctx context.Context, v engine.Verb, hosts ...string) error {
	if s.doAll != nil {
		return s.doAll(ctx, v, hosts)
	}
	return engine.ForEachHost(hosts, func(host string) error { return s.do(v, host) })
}

func (s *script) Assign(_ context.Context, a engine.Assignment, hosts ...string) error {
	return s.assign(a, hosts)
}

func (s *script) Export(_ context.Context, host string, r engine.ExportRequest) error {
	return s.export(host, r)
}

func (s *script) SetLimits(_ context.Context, l engine.Limits) error { return s.limits(l) }

// serve runs a server for eng until the test ends, or until stop is called. It returns the path of its socket.
func serve(t testing.TB, eng engine.Engine) (path string, stop func()) {
	t.Helper()
	path = socketPath(t)
	return path, serveAt(t, path, eng)
}

// serveAt is serve at a given path.
func serveAt(t testing.TB, path string, eng engine.Engine) (stop func()) {
	t.Helper()
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, ln, eng, slog.New(slog.DiscardHandler)) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := enginetest.Receive(t, done, "Serve to return"); err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func socketPath(t testing.TB) string {
	t.Helper()
	return filepath.Join(enginetest.ShortDir(t), "data", "control.sock")
}

func dial(t testing.TB, path string) *control.Client {
	t.Helper()
	c, err := control.Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRequestsReachTheEngine(t *testing.T) {
	var got []any
	eng := &script{
		add: func(r engine.AddRequest) (engine.Site, error) {
			got = append(got, r)
			return engine.Site{Host: "docs.example", State: engine.Resolving, Size: -1}, nil
		},
		do:     func(v engine.Verb, h string) error { got = append(got, v, h); return nil },
		limits: func(l engine.Limits) error { got = append(got, l); return nil },
		assign: func(a engine.Assignment, hosts []string) error { got = append(got, a, hosts); return nil },
		export: func(h string, r engine.ExportRequest) error { got = append(got, h, r); return nil },
		detail: func(h string) (engine.Detail, error) {
			return engine.Detail{Name: h, Files: []engine.File{{Path: "a&b", Size: 7}}}, nil
		},
	}
	path, _ := serve(t, eng)
	c := dial(t, path)
	ctx := t.Context()

	req := engine.AddRequest{Address: "magnet:?xt=urn:btih:…", Metainfo: []byte{0, 255}, Pin: true}
	site, err := c.Add(ctx, req)
	wantSite := engine.Site{Host: "docs.example", State: engine.Resolving, Size: -1}
	if err != nil || !engine.SameSite(&site, &wantSite) {
		t.Errorf("Add = %+v, %v; want %+v", site, err, wantSite)
	}
	if err := c.Do(ctx, engine.Pin, "docs.example"); err != nil {
		t.Errorf("Do: %v", err)
	}
	limits := engine.Limits{Label: "a", Down: 1, Up: 2}
	if err := c.SetLimits(ctx, limits); err != nil {
		t.Errorf("SetLimits: %v", err)
	}
	assignment := engine.Assignment{Label: []string{"a"}, Unlabel: []string{"b"}, SetEnough: true, Enough: -1}
	if err := c.Assign(ctx, assignment, "docs.example", "b.example"); err != nil {
		t.Errorf("Assign: %v", err)
	}
	export := engine.ExportRequest{Dir: "/a b", Dotfiles: true}
	if err := c.Export(ctx, "docs.example", export); err != nil {
		t.Errorf("Export: %v", err)
	}
	want := []any{
		req, engine.Pin, "docs.example", limits, assignment, []string{"docs.example", "b.example"}, "docs.example", export,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the engine was asked (-want +got):\n%s", diff)
	}
	const odd = "a b&c=d/?#ä"
	detail, err := c.Detail(ctx, odd)
	if err != nil || detail.Name != odd || len(detail.Files) != 1 || detail.Files[0].Path != "a&b" {
		t.Errorf("Detail = %+v, %v", detail, err)
	}
}

func TestErrorKeepsKindAndMessage(t *testing.T) {
	cause := errors.New("secret cause")
	cases := []struct {
		name string
		err  error
		want engine.Error
	}{
		{
			"message", &engine.Error{
				Op: "sites: pin", Host: "a.b", Kind: engine.NotFound, Msg: "no such site: see `wtptui ls`", Err: cause,
			},
			engine.Error{Op: "sites: pin", Host: "a.b", Kind: engine.NotFound, Msg: "no such site: see `wtptui ls`"},
		},
		{
			"no message", &engine.Error{Op: "sites: pin", Kind: engine.TooLarge, Err: cause},
			engine.Error{Op: "sites: pin", Kind: engine.TooLarge, Msg: "sites: pin: secret cause"},
		},
		{"foreign", cause, engine.Error{Op: "control", Kind: engine.Internal, Msg: "secret cause"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			path, _ := serve(t, &script{do: func(engine.Verb, string) error { return tc.err }})
			err := dial(t, path).Do(t.Context(), engine.Pin, "a.b")
			var got *engine.Error
			if !errors.As(err, &got) || *got != tc.want {
				t.Errorf("got %#v, want %#v", err, tc.want)
			}
			if engine.Message(err) != engine.Message(tc.err) {
				t.Errorf("message %q, want %q", engine.Message(err), engine.Message(tc.err))
			}
		})
	}
}

func TestPanicIsInternalError(t *testing.T) {
	path, _ := serve(t, &script{do: func(engine.Verb, string) error { panic("oh") }})
	c := dial(t, path)
	if err := c.Do(t.Context(), engine.Pin, "a.b"); engine.KindOf(err) != engine.Internal {
		t.Errorf("got %v, want an internal error", err)
	}
}

func TestLargestRequest(t *testing.T) {
	path, _ := serve(t, &script{})
	c := dial(t, path)
	_, err := c.Add(t.Context(), engine.AddRequest{Address: strings.Repeat("x", 33<<20)})
	if engine.KindOf(err) != engine.TooLarge {
		t.Errorf("got %v, want it refused as too large", err)
	}
	// The largest .torrent file that an engine accepts fits into a request.
	path, _ = serve(t, &script{add: func(r engine.AddRequest) (engine.Site, error) {
		return engine.Site{Files: len(r.Metainfo)}, nil
	}})
	s, err := dial(t, path).Add(t.Context(), engine.AddRequest{Metainfo: make([]byte, engine.MaxMetainfoSize)})
	if err != nil || s.Files != engine.MaxMetainfoSize {
		t.Errorf("Add = %d bytes, %v", s.Files, err)
	}
}

func TestDialWithoutServer(t *testing.T) {
	path := socketPath(t)
	checkDial := func(name string) {
		t.Helper()
		_, err := control.Dial(t.Context(), path)
		if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), "wtptui serve") {
			t.Errorf("%s: %v", name, err)
		}
	}
	checkDial("no socket")
	leaveStaleSocket(t, path)
	checkDial("stale socket")
}

// TestDialEndsWithItsContext promises that Dial does not wait for an engine that accepts connections and does not
// respond.
func TestDialEndsWithItsContext(t *testing.T) {
	path := socketPath(t)
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := ln.Accept()
		cancel()
		if err == nil {
			_, _ = io.Copy(io.Discard, conn) // It ends with the client.
			conn.Close()
		}
	}()
	if _, err := control.Dial(ctx, path); !errors.Is(err, context.Canceled) || control.NobodyListens(err) {
		t.Errorf("got %v, want context.Canceled in its chain", err)
	}
}

func TestDialOtherVersion(t *testing.T) {
	cases := []struct {
		protocol int
		upgrade  string
	}{
		{control.Protocol - 1, "older than this one"},
		{control.Protocol + 1, "upgrade this one"},
	}
	for _, tc := range cases {
		path := socketPath(t)
		serveOtherVersion(t, path, tc.protocol)
		_, err := control.Dial(t.Context(), path)
		if engine.KindOf(err) != engine.Conflict || !strings.Contains(engine.Message(err), tc.upgrade) {
			t.Errorf("protocol %d: %v", tc.protocol, err)
		}
	}
}

// serveOtherVersion serves the hello of another version until the test ends.
func serveOtherVersion(t *testing.T, path string, protocol int) {
	t.Helper()
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	other := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"protocol":` + strconv.Itoa(protocol) + `}`))
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = other.Serve(ln) }()
	t.Cleanup(func() { other.Close(); enginetest.Receive(t, done, "Serve to return") })
}

// TestServerRefusesOtherVersion promises that the server refuses a client that ignores its hello.
func TestServerRefusesOtherVersion(t *testing.T) {
	path, _ := serve(t, &script{})
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://wtptui/detail?host=a.b", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusConflict {
		t.Errorf("status %d, want 409", resp.StatusCode)
	}
}

func TestDoWithCancelledContext(t *testing.T) {
	path, _ := serve(t, &script{})
	c := dial(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Do(ctx, engine.Pin, "a.b"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled in its chain", err)
	}
}

func TestServerStops(t *testing.T) {
	eng := &script{}
	eng.hub.Publish(engine.Snapshot{})
	path, stop := serve(t, eng)
	c := dial(t, path)
	ch, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Receive(t, ch, "the first snapshot")
	stop()
	if enginetest.AwaitClose(t, ch, "the watch of a server that has stopped") > 0 {
		t.Error("the watch goes on after its server has stopped")
	}
	if err := c.Do(t.Context(), engine.Pin, "a.b"); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
	if _, err := c.Watch(t.Context()); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
}

func (s *script) Watch(ctx context.Context) (<-chan engine.Snapshot, error) { return s.hub.Watch(ctx) }
