// Package metrics exports the state of an engine to an operator's Prometheus, in its text format, and to a load
// balancer whether it is alive: /metrics and /healthz, on a listener of its own.
//
// It knows snapshots and finished requests. It must not know who visits what: no host, path or address of a site or a
// peer is ever a label, and trackers and resolvers are labelled by scheme and host alone, since a path may be a secret.
// It is not reachable through the loopback server that browsers use.
//
// The text format (https://prometheus.io/docs/instrumenting/exposition_formats/) is written by hand in text.go: most
// values here are read from a snapshot at each scrape, so that the official client library would add an eighth to the
// size of the binary for a histogram and a few Fprintf. The tests check the result with its parser.
//
// Start with Server in server.go; collect.go has most of the metrics.
package metrics
