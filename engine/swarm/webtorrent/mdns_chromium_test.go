package webtorrent

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// hiding gathers the addresses of a peer connection as any page may, reports them one by one, and stays: a browser
// answers for its names as long as the connection lives.
const hiding = `<!doctype html><title>hidden</title><script>
const pc = new RTCPeerConnection()
pc.createDataChannel('x')
pc.onicecandidate = (e) => fetch('/candidate', { method: 'POST', body: e.candidate ? e.candidate.candidate : '' })
pc.createOffer().then((offer) => pc.setLocalDescription(offer))
</script>`

// The names that a real browser hides its addresses behind lead to addresses of this machine.
func TestMDNSOfChromium(t *testing.T) {
	t.Parallel() // nearly all of it is waiting
	names := hiddenNames(t)
	if len(names) == 0 {
		t.Skip("Chromium named no address by mDNS: it has no network interface that takes multicast here")
	}
	var m mdnsClient
	defer m.close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, name := range names {
		ip, err := m.resolve(ctx, name)
		if err != nil {
			t.Skipf("no multicast between Chromium and us here: %s: %v", name, err)
		}
		if !isOurs(t, ip) {
			t.Errorf("%s is at %v, which is no address of this machine", name, ip)
		}
	}
}

// hiddenNames returns the mDNS names among the addresses of a page that lives until the test ends.
func hiddenNames(t *testing.T) []string {
	t.Helper()
	browser := peers.Chromium(t)
	candidates := make(chan string, 100)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, hiding)
	})
	mux.HandleFunc("POST /candidate", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<10))
		select {
		case candidates <- string(body):
		default:
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	profile, err := os.MkdirTemp("", "hidden")
	if err != nil {
		t.Fatal(err)
	}
	flags := slices.DeleteFunc(slices.Clone(browser.Flags), func(flag string) bool {
		return strings.Contains(flag, "WebRtcHideLocalIpsWithMdns")
	})
	cmd := exec.Command(browser.Path,
		append(flags, "--enable-features=WebRtcHideLocalIpsWithMdns", "--user-data-dir="+profile, server.URL)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		// Its helpers end by themselves a moment later and may still write.
		peers.Eventually(t, 30*time.Second, "the browser's end", func() error { return os.RemoveAll(profile) })
	})
	var names []string
	limit := time.After(time.Minute)
	for {
		select {
		case c := <-candidates:
			if c == "" {
				return names
			}
			if fields := strings.Fields(c); len(fields) > 4 && strings.HasSuffix(fields[4], ".local") {
				names = append(names, fields[4])
			}
		case <-limit:
			return names
		}
	}
}

func isOurs(t *testing.T, ip netip.Addr) bool {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr().Unmap() == ip
	})
}
