package cause

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// get is the error of a request that fails.
func get(t *testing.T, client *http.Client, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err == nil {
		resp.Body.Close()
		t.Fatalf("%s answers", url)
	}
	return fmt.Errorf("announce: %w", err)
}

// listener is a TCP server that does one thing to each connection.
func listener(t *testing.T, do func(net.Conn)) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			do(conn)
		}
	}()
	return ln.Addr().String()
}

// dns is a resolver whose server answers every question with a code (RFC 1035, section 4.1.1), or never with -1.
func dns(t *testing.T, rcode int) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if rcode >= 0 {
				buf[2], buf[3] = 0x81, 0x80|byte(rcode)
				_, _ = pc.WriteTo(buf[:n], from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

// lookUp is the error of a connection to a name.
func lookUp(t *testing.T, r *net.Resolver, ctx context.Context) error { //nolint:revive // The test comes first.
	t.Helper()
	_, err := (&net.Dialer{Resolver: r}).DialContext(ctx, "tcp", "tracker.example.:80")
	if err == nil {
		t.Fatal("the name has an address")
	}
	return err
}

// Each error is one that the standard library gives when the thing happens.
func TestDescribe(t *testing.T) {
	t.Parallel()
	plain := &http.Client{}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	over, end := context.WithCancel(t.Context())
	end()
	unreachable := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "udp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}
	}}
	closed := listener(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096)) // All of the request: what is left unread would reset the connection.
		c.Close()
	})
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	refused := "http://" + gone.Addr().String() + "/announce?info_hash=x"
	reset := listener(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
	})
	silent := listener(t, func(c net.Conn) { t.Cleanup(func() { c.Close() }) })
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	otherName := secure.Client()
	if tr, ok := otherName.Transport.(*http.Transport); ok {
		tr.TLSClientConfig.ServerName = "other.example"
	}

	for err, want := range map[error]bool{
		lookUp(t, unreachable, t.Context()): true, lookUp(t, dns(t, 3), t.Context()): false, get(t, plain, refused): false,
		errors.Join(syscall.ENETUNREACH, get(t, plain, refused)): false, errors.Join(syscall.ENETUNREACH): true,
	} {
		if IsNoNetwork(err) != want {
			t.Errorf("no network is %t for %v", !want, err)
		}
	}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing", nil, ""},
		{"no such name", lookUp(t, dns(t, 3), t.Context()), "DNS does not know tracker.example"},
		{"DNS fails", lookUp(t, dns(t, 2), t.Context()), "DNS has no answer for tracker.example"},
		{"DNS is silent", lookUp(t, dns(t, -1), short), "DNS does not answer for tracker.example"},
		{
			"no network for DNS", lookUp(t, unreachable, t.Context()),
			"tracker.example cannot be looked up: there is no network",
		},
		{"refused", get(t, plain, refused), "it refuses the connection"},
		{
			"ended at once", fmt.Errorf("Get %q: %w", "http://tracker.example/", errors.New(idleClosed)),
			"it ends the connection without an answer",
		},
		{"ended", get(t, plain, "http://"+closed+"/"), "it ends the connection without an answer"},
		{"reset", get(t, plain, "http://"+reset+"/"), "it breaks the connection off"},
		{"silent", get(t, &http.Client{Timeout: 50 * time.Millisecond}, "http://"+silent+"/"), "no answer in time"},
		{"no HTTPS", get(t, plain, "https://"+web.Listener.Addr().String()), "it does not speak HTTPS"},
		{"unknown authority", get(t, plain, secure.URL), "its certificate is not from anybody whom this system trusts"},
		{"another name", get(t, otherName, secure.URL), "its certificate is for another name"},
		{"interrupted", lookUp(t, nil, over), "it was interrupted"},
		{
			"several of a kind", errors.Join(get(t, plain, refused), get(t, plain, refused), io.EOF),
			"it refuses the connection; it ends the connection without an answer",
		},
		{
			"joined deeper", fmt.Errorf("all: %w", errors.Join(get(t, plain, refused), get(t, plain, refused))),
			"it refuses the connection",
		},
		{
			"no IPv6", errors.Join(os.NewSyscallError("connect", syscall.ENETUNREACH), get(t, plain, refused)),
			"it refuses the connection",
		},
		{
			"no network", errors.Join(os.NewSyscallError("connect", syscall.ENETUNREACH)),
			"there is no network that leads there",
		},
		{
			"a WebSocket", errors.New("failed to WebSocket dial: expected handshake response status code 101 but got 502"),
			"it answers with HTTP 502 instead of a WebSocket",
		},
		{
			"a tracker's own words", errors.New("announce: the tracker says: error: unknown torrent"),
			"the tracker says: error: unknown torrent",
		},
	} {
		got := Describe(tt.err)
		if got != tt.want {
			t.Errorf("%s: %q, want %q: %v", tt.name, got, tt.want, tt.err)
		}
		for _, jargon := range []string{"dial tcp", "lookup ", "no such host", "127.0.0.1", "info_hash"} {
			if strings.Contains(got, jargon) {
				t.Errorf("%s: %q has %q in it", tt.name, got, jargon)
			}
		}
	}
}
