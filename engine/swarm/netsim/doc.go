// Package netsim is a simulated Internet for tests and benchmarks, in the virtual time of testing/synctest: hosts with
// links, NATs and sleep, TCP connections as net.Conn and UDP sockets as net.PacketConn.
//
// It knows bytes and addresses. It must not know what is sent: it imports only the standard library, and no program
// imports it.
//
// # Use
//
// Call New in the function that synctest.Test calls, and close the Net before that returns. Whatever programs do, time
// stands still until all of them wait; then it jumps to the next event. Outside a bubble everything works in real time.
//
// # What is modelled
//
// A link has an uplink and a downlink, each a FIFO queue that empties at its rate and holds Link.Queue. A host's own
// connections enter its uplink in turn, equal bytes each; they wait outside while it is full, nothing is lost there,
// and whatever is sent waits behind what is in it (bufferbloat). A downlink that is full drops packets, first those of
// flows with more than their share in flight. Between uplink and downlink there are the latencies of both links,
// jitter, and loss by chance; the middle of the network has no limits. Rates count the bytes of programs, not headers;
// a packet costs 64 bytes at least.
//
// TCP connects in a round trip, with SYNs again after 1, 3, 7… seconds. Data moves in segments of packets of 1,460
// bytes: of as many as take up to 4 ms to send and are up to a sixteenth of the window, 11 at most. A sender has an
// initial window of 10 packets and grows it as Linux does: slow start, which HyStart++ ends when round trips become
// longer, then CUBIC; it is halved down while idle. A lost segment is sent again after a round trip if later ones
// arrive, or else after a round trip and 200 ms, doubled each time; what follows waits for it (head-of-line blocking).
// Jitter never changes the order within a connection. The send buffer holds 64 KiB, or twice the window; the
// receiver's holds 256 KiB and what fits on the way. Close sends what was written, then a FIN; with unread data it
// resets, and so does a closed side that receives more. Data that is not acknowledged for 15 minutes ends a connection.
//
// A host that is Down answers nothing, and its connections die; a Link with a Loss of 1 is an outage that they survive.
// NATs filter as their names say (nat.go), for UDP by ports as real ones do. For TCP a host is taken to dial from the
// port that it listens at, so that two that dial each other at once get two connections where real ones get one. Hosts
// behind one router share its link, address and NAT, reach each other by private addresses and by UDP multicast, and
// not by the public address (no hairpinning).
//
// # What is not
//
// Acknowledgments wait in queues but take no room in them, are never lost and never delayed on purpose. No window
// scaling, Nagle, tail loss probes, pacing, ECN, path MTU, keep-alive, TIME_WAIT, IPv6, DNS, routers on the way, active
// queue management, or links whose rate varies by itself (SetLink can do that). A CPU costs no time.
//
// # How far it is reproducible
//
// All chance comes from the seed, with a stream of its own for each direction of a connection, each attempt to dial and
// each UDP socket, named by the order in which hosts were added and dialed. What programs do at one instant takes
// effect a nanosecond later, when all wait, in an order that is independent of goroutines. So the network is a function
// of which program does what at which instant, and two runs of programs that are such functions themselves are the same
// to the nanosecond. What breaks it: a select with several ready channels, maps in random order, several goroutines
// that write to one connection or dial the same address at one instant, and SetLink, Down, Up or Close at the very
// nanosecond at which a packet arrives.
//
// # What it costs
//
// One goroutine moves everything, three events and a wake-up a segment, about a gigabyte in two or three seconds of one
// core; what is idle costs nothing. While there is more than an event every 5 µs of virtual time, programs hear of what
// has come up to 50 µs late, so that much is done at once.
//
// Start with New in net.go and Link in link.go; Host is in host.go and dial.go, the way of bytes in conn.go (what
// programs see), flow.go (the sender), receive.go (the receiver) and congestion.go. scenario.go has links as people
// have them, and churn.
package netsim
