package tracker

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

// trackerProcess is the environment variable that makes the test binary run a tracker alone, so that its memory and
// CPU time are measured without those of its clients.
const trackerProcess = "WTPTUI_TRACKER_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(trackerProcess) != "" {
		runTracker()
		return
	}
	goleak.VerifyTestMain(m)
}

// runTracker runs a tracker until standard input ends.
func runTracker() {
	tr := New(Config{})
	packets, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { _ = tr.ServeUDP(packets) }()
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, _ := netip.ParseAddrPort(r.RemoteAddr)
		tr.Serve(w, r, Source{Client: from.Addr()})
	})
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	fmt.Println(packets.LocalAddr(), plain.Listener.Addr(), secure.Listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// trackerSubprocess is a tracker in its own process.
type trackerSubprocess struct {
	b                  *testing.B
	udp, plain, secure string
	pid                int
}

func startProcess(b *testing.B) *trackerSubprocess {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), trackerProcess+"=1")
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	f := strings.Fields(line)
	return &trackerSubprocess{b: b, udp: f[0], plain: f[1], secure: f[2], pid: cmd.Process.Pid}
}

// residentMemory returns the resident memory of the process in MB.
func (p *trackerSubprocess) residentMemory() float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		p.b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	kb, _ := strconv.Atoi(strings.Fields(rest)[0])
	return float64(kb) / 1000
}

// cpuTime returns the CPU time of the process.
func (p *trackerSubprocess) cpuTime() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		p.b.Fatal(err)
	}
	f := bytes.Fields(data[bytes.LastIndexByte(data, ')'):])
	user, _ := strconv.Atoi(string(f[12]))
	system, _ := strconv.Atoi(string(f[13]))
	return time.Duration(user+system) * 10 * time.Millisecond
}

// clientIP returns the address of the nth client; all of 127.0.0.0/8 is on this machine.
func clientIP(n int) net.IP { return net.IPv4(127, 1, byte(n>>8), byte(n)) }

// announceUDP announces a peer of the nth client, with its own connection id.
func (p *trackerSubprocess) announceUDP(n int, infohash, peer int) {
	to, _ := net.ResolveUDPAddr("udp4", p.udp)
	c, err := net.DialUDP("udp4", &net.UDPAddr{IP: clientIP(n)}, to)
	if err != nil {
		p.b.Error(err)
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(waitTimeout))
	ask := func(b []byte) []byte {
		out := make([]byte, 2048)
		_, _ = c.Write(b)
		n, err := c.Read(out)
		if err != nil || n < 16 {
			p.b.Error("no answer:", err)
			return make([]byte, 16)
		}
		return out[:n]
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, udpMagic), udpConnect)
	id := ask(append(head, "tran"...))[8:16]
	head = binary.BigEndian.AppendUint32(slices.Clone(id), udpAnnounce)
	ask(append(append(head, "tran"...), announceBody(infohash, peer, 1+peer%65535, 1, 2, -1)...))
}

func (p *trackerSubprocess) dialer(n int) *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: clientIP(n)}, Timeout: waitTimeout}
}

// announceHTTP announces a peer of the nth client over its own connection.
func (p *trackerSubprocess) announceHTTP(n int, infohash, peer int) {
	client := http.Client{Transport: &http.Transport{DialContext: p.dialer(n).DialContext, DisableKeepAlives: true}}
	resp, err := client.Get("http://" + p.plain + "/announce?" +
		announceQuery(infohash, peer, 1+peer%65535, 1, "event=started"))
	if err != nil {
		p.b.Error(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if !bytes.Contains(body, []byte("8:interval")) {
		p.b.Errorf("%q", body)
	}
}

// BenchmarkTenThousandPeers measures 10,000 peers in 1,000 swarms, half of them over UDP, half over HTTP.
func BenchmarkTenThousandPeers(b *testing.B) {
	for b.Loop() {
		p := startProcess(b)
		before := p.residentMemory()
		inParallel(10_000, func(i int) {
			if i%2 == 0 {
				p.announceUDP(i, i%1000, i)
			} else {
				p.announceHTTP(i, i%1000, i)
			}
		})
		b.ReportMetric(p.residentMemory(), "MB")
		b.ReportMetric(before, "MB-idle")
		b.ReportMetric(0, "ns/op")
	}
}

// BenchmarkFiveThousandSockets measures 5,000 browsers in 500 swarms that have announced with five offers each.
func BenchmarkFiveThousandSockets(b *testing.B) {
	for _, secure := range []bool{false, true} {
		b.Run(fmt.Sprintf("tls=%v", secure), func(b *testing.B) {
			for b.Loop() {
				p := startProcess(b)
				before := p.residentMemory()
				var mu sync.Mutex
				var conns []*websocket.Conn
				inParallel(5000, func(i int) {
					conn := p.openWebSocket(i, secure)
					mu.Lock()
					defer mu.Unlock()
					conns = append(conns, conn)
				})
				b.ReportMetric(p.residentMemory(), "MB")
				b.ReportMetric(before, "MB-idle")
				b.ReportMetric(0, "ns/op")
				for _, c := range conns {
					_ = c.CloseNow()
				}
			}
		})
	}
}

// openWebSocket opens a WebSocket, announces with offers, and reads the response.
func (p *trackerSubprocess) openWebSocket(n int, secure bool) *websocket.Conn {
	address := "ws://" + p.plain + "/announce"
	if secure {
		address = "wss://" + p.secure + "/announce"
	}
	client := &http.Client{Transport: &http.Transport{
		DialContext: p.dialer(n / 8).DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		p.b.Fatal(err)
	}
	conn.SetReadLimit(-1)
	announcement := (&webClient{id: n}).announceMessage(n%500, 5, "1", "2", "3", "4", "5")
	for _, o := range announcement["offers"].([]any) {
		o.(map[string]any)["offer"] = description{"offer", strings.Repeat("candidate ", 150)}
	}
	data, _ := json.Marshal(announcement)
	if err := conn.Write(ctx, websocket.MessageText, data); err != nil {
		p.b.Fatal(err)
	}
	if _, data, err := conn.Read(ctx); err != nil || !bytes.Contains(data, []byte("interval")) {
		p.b.Fatalf("%q, %v", data, err)
	}
	return conn
}

// BenchmarkTwoThousandAnnouncesASecond measures the CPU time and the latency of announces at that rate for five
// seconds, nine of ten over UDP.
func BenchmarkTwoThousandAnnouncesASecond(b *testing.B) {
	const pace, length = 2000, 5 * time.Second
	for b.Loop() {
		p := startProcess(b)
		var (
			wg   sync.WaitGroup
			mu   sync.Mutex
			took []time.Duration
		)
		worked, begin := p.cpuTime(), time.Now()
		for i := range pace * int(length/time.Second) {
			due := begin.Add(time.Duration(i) * time.Second / pace)
			<-time.After(time.Until(due))
			wg.Go(func() {
				at := time.Now()
				if i%10 == 9 {
					p.announceHTTP(i, i%1000, i)
				} else {
					p.announceUDP(i, i%1000, i)
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(at))
			})
		}
		wg.Wait()
		slices.Sort(took)
		b.ReportMetric(float64(p.cpuTime()-worked)/float64(time.Since(begin)), "cores")
		b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
		b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
		b.ReportMetric(0, "ns/op")
	}
}
