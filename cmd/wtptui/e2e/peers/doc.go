// Package peers starts the independent programs that wtptui has to get along with, for the tests that prove that it
// does: a real tracker and its client (bittorrent-tracker), real seeds and leeches (libtorrent, Transmission, aria2,
// rTorrent, qBittorrent), real nodes of a DHT (bittorrent-dht, libtorrent) and who keeps records in it (pkarr), real
// browsers (Chromium, Firefox), a real ACME server (Pebble), reverse proxies (nginx, Caddy), sites that others have
// made, and the wtptui binary itself as a process.
//
// Everything runs on loopback, on ports that the system chooses, with DHT, LSD, UPnP and uTP off unless a test is about
// one of them, so that a test sees only the peers it started. A process ends with the test that started it, however the
// test ends. internet.go is for what cannot be on loopback: two machines with public addresses, in network namespaces.
//
// The package knows how those programs are started, spoken to and stopped. It must not know anything of wtptui's
// packages: it sees wtptui as a person does, through its command line, its documented JSON and its HTTP server.
//
// Start with Require, which decides whether a test that lacks a program skips or fails, then Tracker, Seed and Wtptui.
// client.go is any client in any one swarm, client_kinds.go which there are: a function each.
package peers
