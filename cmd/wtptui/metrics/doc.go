// Package metrics tells an operator's Prometheus how an engine does, in its text format, and a load balancer whether it
// is alive: /metrics and /healthz, on a listener of its own.
//
// It knows snapshots and finished requests. It must not know who visits what: no host, path or address of a site or a
// peer is ever a label, and of trackers and resolvers only scheme and host are, since a path may be a secret. It is not
// reachable through the loopback server that browsers use.
//
// The text format (https://prometheus.io/docs/instrumenting/exposition_formats/) is written by hand in text.go: most
// values here are read from a snapshot when they are asked for, so that the official client library would add an eighth
// to the binary for a histogram and a few Fprintf. Its own parser checks the result in the tests.
//
// Start with Server in server.go; collect.go says what is told.
package metrics
