package swarm

import (
	"net"
	"strings"
	"testing"
	"time"
)

// Who was added last is announced first, however many wait, and of the others the one that has waited for longest.
func TestOrderInTheDHT(t *testing.T) {
	d := newDHTAnnouncer(nil)
	now := time.Now()
	names := map[*discovery]string{}
	discoveryOf := func(name string) *discovery {
		h := &discovery{}
		names[h] = name
		return h
	}
	for i := range 100 {
		d.due[discoveryOf("overdue")] = dhtDue{at: now.Add(-time.Duration(i) * time.Second)}
	}
	d.due[discoveryOf("longest due")] = dhtDue{at: now.Add(-time.Hour)}
	d.due[discoveryOf("later")] = dhtDue{at: now.Add(time.Minute)}
	d.add(discoveryOf("first asked"))
	d.add(discoveryOf("last asked"))
	running := discoveryOf("running")
	d.add(running)
	d.running[running] = func() {}
	for _, want := range []string{"last asked", "first asked", "longest due", "overdue"} {
		h, wait := d.next(now)
		if names[h] != want || wait != 0 {
			t.Errorf("next is %q in %v, want %q", names[h], wait, want)
		}
		d.remove(h)
	}
	for range 99 {
		h, _ := d.next(now)
		d.remove(h)
	}
	if h, wait := d.next(now); names[h] != "later" || wait != time.Minute {
		t.Errorf("next is %q in %v", names[h], wait)
	}
	clear(d.due)
	if h, wait := d.next(now); h != nil || wait <= 0 {
		t.Errorf("with nothing to announce: %v in %v", h, wait)
	}
}

// A packet from anybody must not end the process, nor the node: after each of these it still answers a ping.
func TestHostileDHTPackets(t *testing.T) {
	cfg := config(t)
	withDHT(t, &cfg, "127.0.0.1:1")
	c := start(t, cfg)
	conn, err := net.Dial("udp", net.JoinHostPort("127.0.0.1", itoa(c.Status().Port)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	pings := 10
	args := dict{"id": strings.Repeat("i", 20), "target": strings.Repeat("t", 20), "info_hash": strings.Repeat("h", 20)}
	for name, packet := range map[string]dict{
		"an address of one byte":    {"y": "q", "q": "ping", "t": "xx", "a": args, "ip": "1"},
		"values of one byte":        {"y": "r", "t": "xx", "r": dict{"id": args["id"], "values": []string{"1"}}},
		"announce without argument": {"y": "q", "q": "announce_peer", "t": "xx"},
		"put without argument":      {"y": "q", "q": "put", "t": "xx"},
		"get without argument":      {"y": "q", "q": "get", "t": "xx"},
		"an argument of no kind":    {"y": "q", "q": "get_peers", "t": "xx", "a": 5},
		"nothing":                   {},
	} {
		t.Run(name, func(t *testing.T) {
			pings++
			ping := marshal(t, dict{"y": "q", "q": "ping", "t": itoa(pings), "a": args})
			answer := make([]byte, 1500)
			eventually(t, "the ping is answered", func() bool { // It may be lost.
				for _, b := range [][]byte{marshal(t, packet), ping} {
					if _, err := conn.Write(b); err != nil {
						t.Fatal(err)
					}
				}
				_ = conn.SetReadDeadline(time.Now().Add(time.Second))
				n, err := conn.Read(answer)
				return err == nil && strings.Contains(string(answer[:n]), "1:t2:"+itoa(pings))
			})
		})
	}
}

// Queries reach the node if it answers them, and no sender can make it keep packets for ever.
func TestDHTQueries(t *testing.T) {
	id := strings.Repeat("i", 20)
	passes := func(b []byte) bool {
		m, ok := parseKRPC(b)
		return ok && isSupportedQuery(m)
	}
	for name, want := range map[string]bool{
		"ping": true, "find_node": true, "get_peers": true, "announce_peer": true, "get": true, "sample_infohashes": true,
		"put": false, "": false, "anything": false,
	} {
		b := marshal(t, dict{"y": "q", "q": name, "t": "xx", "a": dict{"id": id}})
		if passes(b) != want || passes(append(b, 0)) != want {
			t.Errorf("%q: it is passed on: %v", name, !want)
		}
	}
	answer := marshal(t, dict{"y": "r", "t": "xx", "r": dict{"id": id, "nodes": strings.Repeat("n", 26)}})
	if !passes(answer) {
		t.Error("an answer is not passed on")
	}
	for _, bad := range [][]byte{nil, []byte("x"), []byte("d"), answer[:len(answer)-1], []byte("le")} {
		if passes(bad) {
			t.Errorf("%q is passed on", bad)
		}
	}
}
