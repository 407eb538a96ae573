package control

import (
	"context"
	"errors"
	"net"
	"testing"

	"wtptui/engine/enginetest"
)

// TestSingleConnDialsOnce promises that a second dial waits until the connection is closed or its context ends.
func TestSingleConnDialsOnce(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer far.Close()
	only := &singleConn{Conn: near, closed: make(chan struct{})}
	if conn, err := only.dial(t.Context(), "", ""); conn != net.Conn(only) || err != nil {
		t.Fatalf("the first dial: %v, %v", conn, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if conn, err := only.dial(gone, "", ""); conn != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("a dial that nobody waits for: %v, %v", conn, err)
	}
	failed := make(chan error)
	go func() {
		_, err := only.dial(context.Background(), "", "")
		failed <- err
	}()
	if err := only.Close(); err != nil {
		t.Fatal(err)
	}
	if err := enginetest.Receive(t, failed, "the dial to end with the connection"); err == nil {
		t.Error("it is dialed again")
	}
	if err := only.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
