package doctor_test

import (
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/miekg/dns"
	"github.com/pion/stun/v4"

	"wtptui/engine/enginetest"
)

func startHTTPServer(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func handleTracker(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, "d14:failure reason9:no hash!!e")
}

func handleWebTracker(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err == nil {
		_, _, _ = c.Read(r.Context())
		_ = c.CloseNow()
	}
}

// resolverHandler answers as a server whose clock is ahead of ours by offset.
func resolverHandler(offset time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		wire, err := io.ReadAll(r.Body)
		var question dns.Msg
		if err != nil || r.Method != http.MethodPost || question.Unpack(wire) != nil {
			http.Error(w, "no question", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/dns-message")
		w.Header().Set("Date", time.Now().Add(offset).UTC().Format(http.TimeFormat))
		answer, _ := new(dns.Msg).SetReply(&question).Pack()
		_, _ = w.Write(answer)
	}
}

func startUDPServer(t *testing.T, answer func(request []byte, from net.Addr) []byte) string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if a := answer(buf[:n], from); a != nil {
				_, _ = conn.WriteTo(a, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); enginetest.Receive(t, done, "the reader to end") })
	return conn.LocalAddr().String()
}

func startUDPTracker(t *testing.T) string {
	return "udp://" + startUDPServer(t, func(request []byte, _ net.Addr) []byte {
		if len(request) != 16 || binary.BigEndian.Uint64(request) != 0x41727101980 {
			return []byte("nonsense")
		}
		return append(append(make([]byte, 4), request[12:]...), 1, 2, 3, 4, 5, 6, 7, 8)
	}) + "/announce"
}

// startSTUNServer starts a server that reports the same address and the given port to everybody.
func startSTUNServer(t *testing.T, port int) string {
	return "stun:" + startUDPServer(t, func(request []byte, _ net.Addr) []byte {
		m := &stun.Message{Raw: append([]byte{}, request...)}
		if m.Decode() != nil || m.Type != stun.BindingRequest {
			return nil
		}
		reply, err := stun.Build(m, stun.BindingSuccess, stun.NewSoftware("test"),
			&stun.XORMappedAddress{IP: net.IPv4(203, 0, 113, 7), Port: port}, stun.Fingerprint)
		if err != nil {
			return nil
		}
		return reply.Raw
	})
}

// closedPort is an address on which nobody listens. A port that was free a moment ago may be in use by now.
const closedPort = "127.0.0.1:1"

func occupyPort(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln.Addr().String()
}

func createFile(t *testing.T) string {
	name := filepath.Join(enginetest.ShortDir(t), "file")
	if err := os.WriteFile(name, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
