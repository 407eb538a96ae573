package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/engine/schematest"
)

// openAPIChecker is a handler that compares the requests and responses of another with openapi.json.
type openAPIChecker struct {
	t         *testing.T
	validator *schematest.Validator
	next      http.Handler

	mu        sync.Mutex
	responses map[string]int // how many answers of 2xx each route has given
}

// ServeHTTP passes the request on, and then checks both bodies.
func (d *openAPIChecker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Errorf("%s: %v", r.URL, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Del("Accept-Encoding")
	seen := &responseRecorder{ResponseWriter: w}
	d.next.ServeHTTP(seen, r)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.checkResponse(r, body, seen)
}

// responseRecorder records the response that is written through it.
type responseRecorder struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

func (c *responseRecorder) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *responseRecorder) Write(p []byte) (int, error) {
	c.body.Write(p)
	return c.ResponseWriter.Write(p)
}

func (c *responseRecorder) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (d *openAPIChecker) checkResponse(r *http.Request, body []byte, resp *responseRecorder) {
	d.t.Helper()
	name := r.Method + " " + r.URL.Path
	var want *route
	for _, each := range routes() {
		if each.method+" "+each.path == name {
			want = &each
		}
	}
	at := "/paths/~1" + strings.TrimPrefix(r.URL.Path, "/") + "/" + strings.ToLower(r.Method)
	validate := func(pointer string, value []byte) {
		if err := d.validator.Check(pointer, value); err != nil {
			d.t.Errorf("%s: %s is not as described: %v", name, value, err)
		}
	}
	if resp.status > 399 {
		validate("/components/schemas/Failure", resp.body.Bytes())
		return
	}
	if want == nil {
		d.t.Errorf("%s is answered and not in the table", name)
		return
	}
	d.responses[name]++
	if want.request != nil {
		validate(at+"/requestBody/content/application~1json/schema", body)
	}
	contents := at + "/responses/200/content/"
	switch media := resp.Header().Get("Content-Type"); {
	case want.replyMedia != "":
		if media != want.replyMedia || resp.body.Len() == 0 {
			d.t.Errorf("%s: %s with %d bytes", name, media, resp.body.Len())
		}
	case want.reply == nil:
		if resp.status != http.StatusNoContent || resp.body.Len() > 0 {
			d.t.Errorf("%s: %d %q, want nothing", name, resp.status, resp.body.Bytes())
		}
	case want.lines:
		if media != "application/jsonl" {
			d.t.Errorf("%s: %s", name, media)
		}
		for line := range bytes.Lines(resp.body.Bytes()) {
			if !bytes.HasSuffix(line, []byte("\n")) {
				continue // The client went away meanwhile.
			}
			d.responses[name+" line"]++
			validate(contents+"application~1jsonl/schema", line)
		}
	default:
		if media != "application/json" {
			d.t.Errorf("%s: %s", name, media)
		}
		validate(contents+"application~1json/schema", resp.body.Bytes())
	}
}

// engineWithFiles is a fake.Engine with the methods for files, which it lacks.
type engineWithFiles struct{ *fake.Engine }

func (engineWithFiles) Export(context.Context, string, engine.ExportRequest) error { return nil }
func (engineWithFiles) Metainfo(context.Context, string) ([]byte, error) {
	return []byte("d4:infoe"), nil
}

// serveChecked serves a fake engine with many sites on a socket, and checks all requests and responses.
func serveChecked(t *testing.T) (d *openAPIChecker, path string, stop func()) {
	t.Helper()
	eng := fake.New(fake.Options{
		Scripts: fake.DemoWithMany(100), Homes: fake.DemoHomes(), HomeTracker: fake.DemoHomeTracker(),
		Warnings: []string{"a warning"},
	})
	t.Cleanup(func() { eng.Close() })
	eng.Step(time.Minute)
	validator, err := schematest.NewValidator(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	closing, closeAll := context.WithCancel(t.Context())
	srv := &server{engine: engineWithFiles{eng}, log: slog.New(slog.DiscardHandler), closing: closing, program: Program{
		StopHandler: StopHandler{Stop: func(context.Context) error { return nil }},
		Settings:    func() []Setting { return []Setting{{Name: "stun", Values: []string{}}} },
		Backup: func(_ context.Context, to io.Writer, _ bool) error {
			_, err := to.Write([]byte("backup"))
			return err
		},
		Restore: func(_ context.Context, from io.Reader, dryRun bool) ([]Restored, error) {
			got, err := io.ReadAll(from)
			if string(got) != "backup" || !dryRun {
				err = errors.Join(err, fmt.Errorf("it got %q, %v", got, dryRun))
			}
			return []Restored{{Kind: RestoredSite, Name: "a.example", Outcome: OutcomeRefused, Why: "it is there"}}, err
		},
	}}
	d = &openAPIChecker{t: t, validator: validator, next: srv.handler(), responses: map[string]int{}}
	path = filepath.Join(enginetest.ShortDir(t), "control.sock")
	ln, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	hs := httptest.NewUnstartedServer(d)
	hs.Listener.Close()
	hs.Listener = ln
	hs.Start()
	stop = func() {
		closeAll()
		hs.Close() // It waits for what is still being answered.
	}
	t.Cleanup(stop)
	return d, path, stop
}

// TestResponsesMatchOpenAPI makes every request, and checks it and its response against openapi.json. A field that is
// missing there is an error.
func TestResponsesMatchOpenAPI(t *testing.T) {
	d, path, stop := serveChecked(t)
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	host := fake.Demo()[0].Host
	callAllMethods(t, c, host)
	requestStreams(t, path)
	if err := c.Do(t.Context(), engine.Pin, "nobody.example", "nothing.example"); engine.KindOf(err) != engine.NotFound {
		t.Errorf("for sites that are not there: %v", err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	stop()
	for _, r := range routes() {
		name := r.method + " " + r.path
		if d.responses[name] == 0 || r.lines && d.responses[name+" line"] == 0 {
			t.Errorf("%s was not answered", name)
		}
	}
}

// callAllMethods makes each request that a Client makes.
func callAllMethods(t *testing.T, c *Client, host string) {
	t.Helper()
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	watching, stop := context.WithCancel(ctx)
	snapshots, err := c.Watch(watching)
	must("watch", err)
	enginetest.Receive(t, snapshots, "the first snapshot")
	for _, script := range fake.Demo() {
		_, err = c.Detail(ctx, script.Host)
		must("detail", err)
		_, err = c.Resolve(ctx, script.Host)
		if engine.KindOf(err) != engine.Invalid {
			must("resolve", err)
		}
	}
	_, err = c.Add(ctx, engine.AddRequest{Address: strings.Repeat("ab", 20), Metainfo: []byte{}, Pin: true})
	must("add", err)
	must("do", c.Do(ctx, engine.Evict, strings.Repeat("ab", 20)))
	_, err = c.Bin(ctx)
	must("bin", err)
	_, err = c.Keys(ctx)
	must("keys", err)
	must("assign", c.Assign(ctx, engine.Assignment{Label: []string{"a"}, SetEnough: true, Enough: 3}, host))
	must("limits", c.SetLimits(ctx, engine.Limits{Label: "a", Down: 1}))
	must("home", c.SetHome(ctx, fake.DemoHomes()[0].Name, false))
	must("switch", c.Switch(ctx, host, ""))
	_, err = c.Publish(ctx, engine.PublishRequest{Dir: "/home/me/plain", Key: "blog"}, nil)
	must("publish", err)
	_, err = c.Publish(ctx, engine.PublishRequest{Dir: "/home/me/secrets"}, nil)
	if kind := engine.KindOf(err); kind != engine.Refused {
		must("publish what is refused", err)
	}
	_, err = c.Probe(ctx, host)
	must("probe", err)
	must("export", c.Export(ctx, host, engine.ExportRequest{Dir: t.TempDir()}))
	_, err = c.Metainfo(ctx, host)
	must("metainfo", err)
	_, err = c.Settings(ctx)
	must("settings", err)
	var kept bytes.Buffer
	must("backup", c.Backup(ctx, &kept, true))
	done, err := c.Restore(ctx, &kept, true)
	must("restore", err)
	if len(done) != 1 || done[0].Why != "it is there" {
		t.Errorf("restored: %+v", done)
	}
	must("keep open", c.KeepOpen(shortContext(t), host))
	stop()
	enginetest.AwaitClose(t, snapshots, "the watch")
}

// shortContext returns a context that ends after 100 ms.
func shortContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// requestStreams makes the requests that a Client does not make.
func requestStreams(t *testing.T, path string) {
	t.Helper()
	transport := socketTransport(path)
	defer transport.CloseIdleConnections()
	get := func(method, path string, status int, read func(io.Reader)) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://wtptui"+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(versionHeader, strconv.Itoa(Protocol))
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("%s %s: %s", method, path, resp.Status)
		}
		read(resp.Body)
	}
	all := func(r io.Reader) {
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Error(err)
		}
	}
	get(http.MethodGet, pathSnapshot, http.StatusOK, all)
	get(http.MethodGet, pathSnapshots, http.StatusOK, func(r io.Reader) {
		if _, err := bufio.NewReader(r).ReadBytes('\n'); err != nil {
			t.Errorf("the first line: %v", err)
		}
	})
	get(http.MethodGet, pathSnapshots+"?rate=0", http.StatusBadRequest, all)
	get(http.MethodGet, "/nonsense", http.StatusNotFound, all)
	get(http.MethodGet, pathAdd, http.StatusMethodNotAllowed, all)
	get(http.MethodPost, pathDo, http.StatusBadRequest, all)
}
