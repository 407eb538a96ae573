package home

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/home/tracker"
)

// startTracker returns a tracker for any torrent but that of "x". It is closed when the test ends, after servers that
// are started later.
func startTracker(t testing.TB) *tracker.Tracker {
	tr := tracker.New(tracker.Config{Serves: func(infohash [20]byte) bool { return infohash[0] != 'x' }})
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// announceTarget returns the request target of an announce of a peer at a port.
func announceTarget(port int) string {
	return fmt.Sprintf("/announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=-XX0000-%012d&port=%d&left=1&compact=1", port,
		port)
}

// TestAnnouncesAreServedAtEachName promises that each name serves the tracker, and that all other requests are for the
// sites' files.
func TestAnnouncesAreServedAtEachName(t *testing.T) {
	tr := startTracker(t)
	log := &logBuffer{}
	s := startServer(t, map[string]string{"announce": "a file", "scrape": "another", "index.html": "home"}, nil,
		func(c *Config) {
			c.Tracker, c.Log, c.RequestLog = tr, log.logger(), LogAddresses
		})
	// This is a proxy, as seen from a server without TLS.
	const from, nowhere = "\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n", "\r\n\r\n"
	const to = " HTTP/1.1\r\nHost: mine.example"
	query := strings.TrimPrefix(announceTarget(1), "/announce")
	for _, tt := range []struct {
		request string
		status  int
		part    string // of the body
	}{
		{"GET /announce" + query + to + from, 200, "8:intervali"},
		{"GET /announce" + query + " HTTP/1.1\r\nHost: SECOND.example:8443" + from, 200, "8:intervali"},
		{"GET http://mine.example/announce" + query + to + from, 200, "8:intervali"},
		{"GET /scrape?info_hash=aaaaaaaaaaaaaaaaaaaa" + to + from, 200, "10:incompletei1e"},
		{
			"GET /announce?info_hash=xxxxxxxxxxxxxxxxxxxx&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1" + to + from, 200,
			"not for that torrent",
		},
		{"GET /announce" + query + to + nowhere, 200, "X-Forwarded-For"},
		{"GET /announce" + query + " HTTP/1.1\r\nHost: evil.example" + from, 421, ""},
		{"GET http://evil.example/announce" + query + to + from, 421, ""},
		{"GET ws://mine.example/announce" + query + to + from, 421, ""},
		{"GET /announce" + query + " HTTP/1.0" + from, 421, ""},

		{"GET /announce" + to + from, 200, "a file"},
		{"GET /scrape" + to + from, 200, "another"},
		{"GET /announce?hash=a" + to + from, 200, "a file"},
		{"POST /announce" + query + to + from, 405, ""},
		{"POST /announce" + query + to + "\r\nContent-Length: 10" + from, 405, ""},
		{"GET /announce" + query + to + "\r\nContent-Length: 10" + from, 400, ""},
		{"OPTIONS /announce" + query + to + from, 405, ""},
		{"CONNECT /announce" + query + to + from, 405, ""},
		{"CONNECT mine.example:443" + to + from, 405, ""},
		{"GET /announce/" + query + to + from, 404, ""},
		{"GET /announce%2f" + query + to + from, 404, ""},
		{"GET //announce" + query + to + from, 200, "a file"},
		{"GET /x/../announce" + query + to + from, 400, ""},
		{"GET /ANNOUNCE" + query + to + from, 404, ""},
		{"GET /?info_hash=aaaaaaaaaaaaaaaaaaaa" + to + from, 200, "home"},
		{"GET /" + to + "\r\nUpgrade: websocket\r\nConnection: Upgrade" + from, 200, "home"},
	} {
		got := s.requestRaw(tt.request)
		if got.status != tt.status || !strings.Contains(got.body, tt.part) {
			t.Errorf("%q: %d %q", tt.request, got.status, got.body)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: no nosniff", tt.request)
		}
	}
	got := s.request(http.MethodHead, "http://"+mine+announceTarget(1), "X-Forwarded-For: 192.0.2.7")
	if got.header.Get("Content-Length") != "6" {
		t.Errorf("HEAD: %d %v", got.status, got.header)
	}
	if err := s.srv.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for _, line := range strings.Split(log.String(), "\n") {
		if strings.Contains(line, "info_hash=aaaaaaaaaaaaaaaaaaaa&") && strings.Contains(line, "method=GET") &&
			strings.Contains(line, "path=/announce?") && strings.Contains(line, "status=200") {
			t.Errorf("logged %s", line)
		}
	}
}

// TestAnnouncesNeedNoPlace promises that announces neither count as requests of visitors nor use their slots.
func TestAnnouncesNeedNoPlace(t *testing.T) {
	observed := make(chan engine.Request, 10)
	s := startTLS(t, map[string]string{"index.html": "home"}, func(c *Config) {
		c.Tracker, c.MaxRequests, c.MaxPerAddress = startTracker(t), 2, 1
		c.Observe = func(_ string, r engine.Request, _ bool) { observed <- r }
	})
	waiting, free := make(chan struct{}, 1), make(chan struct{})
	s.opener.BeforeOpen = func(context.Context) error { waiting <- struct{}{}; <-free; return nil }
	visited := make(chan reply, 1)
	go func() { visited <- s.get("https://" + mine + "/") }()
	enginetest.Receive(t, waiting, "the visitor to wait")
	if got := s.get("https://" + mine + announceTarget(7)); got.status != 200 || !strings.Contains(got.body, "5:peers") ||
		got.proto != "HTTP/2.0" {
		t.Errorf("an announce: %+v", got)
	}
	close(free)
	if got := enginetest.Receive(t, visited, "the visitor's answer"); got.status != 200 {
		t.Errorf("the visitor: %d", got.status)
	}
	if r := enginetest.Receive(t, observed, "the visit"); r.Path != "/" || len(observed) > 0 {
		t.Errorf("observed %+v and %d more", r, len(observed))
	}
}

// TestAnnouncesWithoutTLS promises that the port that redirects visitors to TLS serves announces, since clients may
// have no TLS or not follow redirects.
func TestAnnouncesWithoutTLS(t *testing.T) {
	s := startTLS(t, nil, func(c *Config) { c.Tracker = startTracker(t) })
	s.address = s.listen(s.srv.ServePlain)
	for request, want := range map[string]int{
		"GET " + announceTarget(5) + " HTTP/1.1\r\nHost: mine.example:80\r\n\r\n":                     200,
		"GET " + announceTarget(5) + " HTTP/1.1\r\nHost: evil.example\r\n\r\n":                        421,
		"GET " + announceTarget(5) + " HTTP/1.1\r\nHost: mine.example\r\nContent-Length: 10\r\n\r\n":  400,
		"POST " + announceTarget(5) + " HTTP/1.1\r\nHost: mine.example\r\nContent-Length: 10\r\n\r\n": 405,
		"GET /announce HTTP/1.1\r\nHost: mine.example\r\n\r\n":                                        301,
		"GET /.well-known/acme-challenge/x?info_hash=a HTTP/1.1\r\nHost: mine.example:80\r\n\r\n":     301,
	} {
		got := s.requestRaw(request)
		if got.status != want {
			t.Errorf("%q: %d %q", request, got.status, got.body)
		}
		if want == 200 && got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: no nosniff", request)
		}
	}
	ws := s.dialWebSocket("ws://"+mine+"/announce", nil)
	announceWeb(t, ws)
}

// TestSourceOfAnnounce promises that the source is the address of the connection, or the last one that a proxy on this
// machine names.
func TestSourceOfAnnounce(t *testing.T) {
	plain, withTLS := &Server{}, &Server{cfg: Config{Certificates: &Certificates{}}}
	for _, tt := range []struct {
		srv       *Server
		remote    string
		forwarded []string
		from, at  string // "" for unknown
	}{
		{withTLS, "192.0.2.7:1234", nil, "192.0.2.7", "198.51.100.1"},
		{withTLS, "192.0.2.7:1234", []string{"203.0.113.1"}, "192.0.2.7", "198.51.100.1"},
		{withTLS, "127.0.0.1:1234", []string{"203.0.113.1"}, "127.0.0.1", "198.51.100.1"},
		{withTLS, "[::ffff:192.0.2.7]:1234", nil, "192.0.2.7", "198.51.100.1"},
		{withTLS, "[fe80::1%eth0]:1234", nil, "fe80::1", "198.51.100.1"},
		{plain, "192.0.2.7:1234", []string{"203.0.113.1"}, "192.0.2.7", "198.51.100.1"},
		{plain, "127.0.0.1:1234", nil, "", ""},
		{plain, "127.0.0.1:1234", []string{""}, "", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1"}, "203.0.113.1", ""},
		{plain, "[::1]:1234", []string{"203.0.113.1"}, "203.0.113.1", ""},
		{plain, "[::ffff:127.0.0.1]:1234", []string{"203.0.113.1"}, "203.0.113.1", ""},
		{plain, "127.0.0.2:1234", []string{" 2001:db8::7\t"}, "2001:db8::7", ""},
		{plain, "127.0.0.1:1234", []string{"::ffff:203.0.113.1"}, "203.0.113.1", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1, 192.0.2.7"}, "192.0.2.7", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1", "192.0.2.7"}, "192.0.2.7", ""},
		{plain, "127.0.0.1:1234", []string{"192.0.2.7", "203.0.113.1,192.0.2.8"}, "192.0.2.8", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1,"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1, unknown"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1:1234"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"[2001:db8::7]"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"fe80::1%eth0"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.01"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"3405803777"}, "", ""},
		{plain, "127.0.0.1:1234", []string{"203.0.113.1 192.0.2.7"}, "", ""},
	} {
		at := &net.TCPAddr{IP: net.ParseIP("198.51.100.1"), Port: 443}
		ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, at)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://mine.example/announce", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.remote, tt.forwarded
		asked := tt.srv.sourceOf(r)
		for what, pair := range map[string][2]string{
			"from": {addrText(asked.Client), tt.from}, "at": {addrText(asked.Local), tt.at},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s with %q, %s: %s, want %s", tt.remote, tt.forwarded, what, pair[0], pair[1])
			}
		}
	}
}

// TestSourceOfDirectLoopback promises that a request of a browser on this machine is recognized as coming without a
// proxy.
func TestSourceOfDirectLoopback(t *testing.T) {
	srv := &Server{names: map[string]Name{"try.localhost": {}, "mine.example": {}}}
	for _, tt := range []struct {
		host, remote string
		forwarded    []string
		from         string // "" for unknown
	}{
		{"try.localhost:8080", "127.0.0.1:1234", nil, "127.0.0.1"},
		{"try.localhost", "[::1]:1234", nil, "::1"},
		{"try.localhost", "127.0.0.1:1234", []string{"203.0.113.1"}, "203.0.113.1"},
		{"try.localhost", "127.0.0.1:1234", []string{""}, ""},
		{"mine.example", "127.0.0.1:1234", nil, ""},
		{"other.localhost", "127.0.0.1:1234", nil, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+tt.host+"/announce", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.remote, tt.forwarded
		if got := addrText(srv.sourceOf(r).Client); got != tt.from {
			t.Errorf("%s by %s with %q: %s, want %s", tt.host, tt.remote, tt.forwarded, got, tt.from)
		}
	}
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// dialWebSocket opens a WebSocket to the server.
func (s *testServer) dialWebSocket(url string, header http.Header) *websocket.Conn {
	s.t.Helper()
	transport := s.client.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.NextProtos = []string{"http/1.1"}
	transport.ForceAttemptHTTP2 = false
	ws, res, err := websocket.Dial(s.t.Context(), url, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: header,
	})
	if err != nil {
		s.t.Fatalf("%s: %v", url, err)
	}
	if res.Header.Get("X-Content-Type-Options") != "nosniff" {
		s.t.Errorf("%s: no nosniff", url)
	}
	s.t.Cleanup(func() { _ = ws.CloseNow(); transport.CloseIdleConnections() })
	return ws
}

// announceWeb announces over a WebSocket and waits for the response.
func announceWeb(t testing.TB, ws *websocket.Conn) {
	t.Helper()
	err := ws.Write(t.Context(), websocket.MessageText, []byte(`{"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaa",`+
		`"peer_id":"-XX0000-000000000000","left":1,"numwant":0,"offers":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, data, err := ws.Read(t.Context())
	var answer struct {
		Action   string `json:"action"`
		Interval int    `json:"interval"`
	}
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err != nil || answer.Action != "announce" || answer.Interval == 0 {
		t.Fatalf("%s: %v", data, err)
	}
}

// TestWebSocketsDoNotCountAsVisitors promises that a WebSocket does not count as a visitor's connection, with TLS or
// without.
func TestWebSocketsDoNotCountAsVisitors(t *testing.T) {
	for _, scheme := range []string{"ws", "wss"} {
		t.Run(scheme, func(t *testing.T) {
			tr := startTracker(t)
			bound := func(c *Config) { c.Tracker, c.MaxConnections, c.MaxPerAddress = tr, 2, 2 }
			files := map[string]string{"index.html": "home"}
			var s *testServer
			if scheme == "ws" {
				s = startServer(t, files, nil, bound)
			} else {
				s = startTLS(t, files, bound)
			}
			header := http.Header{"X-Forwarded-For": {"192.0.2.7"}}
			for range 4 {
				ws := s.dialWebSocket(scheme+"://"+mine+"/announce", header)
				announceWeb(t, ws)
			}
			if got := s.get(strings.Replace(scheme, "ws", "http", 1) + "://" + mine + "/"); got.status != 200 {
				t.Errorf("a visitor: %d", got.status)
			}
			if n := tr.Stats().Sockets; n != 4 {
				t.Errorf("%d WebSockets", n)
			}
		})
	}
}

// TestIdleWebSocketStaysOpen promises that a WebSocket may be idle for longer than the write timeout of visitors.
func TestIdleWebSocketStaysOpen(t *testing.T) {
	const unread = 100 * time.Millisecond
	s := startTLS(t, nil, func(c *Config) { c.Tracker, c.WriteTimeout, c.UpLimit = startTracker(t), unread, 1<<20 })
	ws := s.dialWebSocket("wss://"+mine+"/announce", nil)
	for range 3 {
		announceWeb(t, ws)
		time.Sleep(2 * unread) // A deadline of the system's has to pass.
	}
	announceWeb(t, ws)
}

// TestCloseWithWebSockets promises that open WebSockets do not delay Close.
func TestCloseWithWebSockets(t *testing.T) {
	tr := startTracker(t)
	s := startTLS(t, nil, func(c *Config) { c.Tracker, c.UpLimit = tr, 1<<10 })
	var open []*websocket.Conn
	for range 3 {
		ws := s.dialWebSocket("wss://"+mine+"/announce", nil)
		announceWeb(t, ws)
		open = append(open, ws)
	}
	began := time.Now()
	if err := s.srv.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := tr.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s", took)
	}
	for _, ws := range open {
		if _, _, err := ws.Read(t.Context()); err == nil {
			t.Error("a WebSocket lives on")
		}
	}
}

// TestAnnouncesOverOneConnection promises that many announces over one connection are all served.
func TestAnnouncesOverOneConnection(t *testing.T) {
	const many = 300
	tr := startTracker(t)
	t.Run("HTTP/1.1", func(t *testing.T) {
		s := startServer(t, nil, nil, func(c *Config) { c.Tracker = tr })
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go func() {
			for i := range many {
				_, _ = io.WriteString(conn, "GET "+announceTarget(1000+i)+
					" HTTP/1.1\r\nHost: mine.example\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n") // Its answer is missing then.
			}
		}()
		answers := bufio.NewReader(conn)
		for i := range many {
			res, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatalf("answer %d: %v", i, err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != http.StatusOK || i > 0 && !strings.Contains(string(body), "\xc0\x00\x02\x07") {
				t.Fatalf("answer %d: %d %q, %v", i, res.StatusCode, body, err)
			}
		}
	})
	t.Run("HTTP/2", func(t *testing.T) {
		s := startTLS(t, nil, func(c *Config) { c.Tracker = tr })
		answered := make(chan reply, many)
		for worker := range 10 {
			go func() {
				for i := range many / 10 {
					answered <- s.get("https://" + mine + announceTarget(2000+worker*many/10+i))
				}
			}()
		}
		for range many {
			if got := enginetest.Receive(t, answered, "an answer"); got.status != 200 || got.proto != "HTTP/2.0" {
				t.Errorf("%d over %s: %q", got.status, got.proto, got.body)
			}
		}
	})
}
