package main

import (
	"context"
	"errors"
	"net"
	"os"

	"wtptui/cmd/wtptui/metrics"
	"wtptui/engine"
)

// startMetrics starts the server for Prometheus, if there is an address for it.
func (n *node) startMetrics(s *settings, pages net.Listener) error {
	if s.MetricsListen == "" {
		return nil
	}
	ln, err := net.Listen("tcp", s.MetricsListen)
	if err != nil {
		return &engine.Error{
			Op: "metrics: listen", Kind: engine.Conflict, Err: err,
			Msg: "cannot serve metrics on " + s.MetricsListen + ": " + networkCause(err) +
				": choose another address with --metrics-listen",
		}
	}
	n.onClose("metrics listener", func(context.Context) error { ln.Close(); return nil })
	if listenerPort(ln) == listenerPort(pages) { // The pages may be on another port than the chosen one.
		return usageError("--metrics-listen has the port of the pages, which could read the metrics: "+
			"give it another port than %s", listenerPort(ln))
	}
	if addr, ok := ln.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() {
		n.log.Warn("metrics can be read by other machines", "address", ln.Addr())
	}
	n.metrics = metrics.New(metrics.Config{
		Engine: n.engine, Peers: n.swarm.PeersBy, Transferred: n.swarm.Transferred, Beats: n.engine.Beats, Log: n.log,
	})
	n.runServer("metrics", func() error { return n.metrics.Serve(ln) }, n.metrics.Close)
	n.log.Info("metrics", "url", "http://"+ln.Addr().String()+"/metrics")
	return nil
}

// observeRequest counts a request of a browser that has been answered.
func (n *node) observeRequest(r engine.Request) {
	if n.metrics != nil {
		n.metrics.Observe(r)
	}
}

// networkCause returns the system's reason for a network error, without the operation.
func networkCause(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err.Error()
}
