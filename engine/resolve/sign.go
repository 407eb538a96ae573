package resolve

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// signTimeout limits the look-up of the newest record before one is signed, and the put after it.
const signTimeout = 5 * time.Second

// Signing describes a record that is to be signed.
type Signing struct {
	Secret  ed25519.PrivateKey
	Content pkarr.Content
	// TakeOver allows signing even if the newest record was signed elsewhere.
	TakeOver bool
}

// CheckSigner returns an error if a record must not be signed: Kind Conflict if the newest one was signed elsewhere,
// or so far in the future that none can follow it. It looks the key up at all sources, for some seconds. No response
// is not an error: what is signed then is put later.
func (r *Resolver) CheckSigner(ctx context.Context, key engine.PublicKey, takeOver bool) error {
	end, ok := r.startWork()
	if !ok {
		return interruptedError(key.Host(), context.Canceled)
	}
	defer end()
	limit, cancel := context.WithTimeout(ctx, signTimeout)
	defer cancel()
	r.records.lookUp(limit, key, true)
	if ctx.Err() != nil {
		return interruptedError(key.Host(), ctx.Err())
	}
	_, err := r.records.nextSeq(key, takeOver)
	return err
}

// nextSeq returns the sequence number for a record that is signed now. The error has Kind Conflict if none may be
// signed.
func (rs *records) nextSeq(key engine.PublicKey, takeOver bool) (seq int64, err error) {
	newest, own := rs.get(key).newest()
	if !newest.IsZero() && !own && !takeOver {
		return 0, signedElsewhere(newest)
	}
	return pkarr.NextSeq(rs.r.now(), newest.Seq)
}

// Sign looks the key up, signs a record, stores it, and then puts it into the DHT. If no node accepts it,
// Answer.Record says so; that is not an error. The same content again is put as it was signed. Errors are those of
// CheckSigner, and Kind Invalid.
func (r *Resolver) Sign(ctx context.Context, s Signing) (Answer, error) {
	key := engine.PublicKey(s.Secret.Public().(ed25519.PublicKey))
	rs := &r.records
	end, ok := r.startWork()
	if !ok {
		return Answer{}, interruptedError(key.Host(), context.Canceled)
	}
	defer end()
	select {
	case rs.signLock <- struct{}{}:
		defer func() { <-rs.signLock }()
	case <-ctx.Done():
		return Answer{}, interruptedError(key.Host(), ctx.Err())
	}
	if err := r.CheckSigner(ctx, key, s.TakeOver); err != nil {
		return Answer{}, err
	}
	item, err := rs.sign(key, s)
	if err != nil {
		return Answer{}, err
	}
	return rs.publish(ctx, item)
}

// sign makes the next record and stores it.
func (rs *records) sign(key engine.PublicKey, s Signing) (pkarr.Item, error) {
	seq, err := rs.nextSeq(key, s.TakeOver)
	if err != nil {
		return pkarr.Item{}, err
	}
	value, err := s.Content.Value(key)
	if err != nil {
		return pkarr.Item{}, err
	}
	if newest, own := rs.get(key).newest(); own && bytes.Equal(newest.Value, value) {
		return newest, nil
	}
	item, err := pkarr.Sign(s.Secret, seq, value)
	if err != nil {
		return pkarr.Item{}, err
	}
	if c := rs.r.cfg.Cache; c != nil {
		// A sequence number that is lost could be used for another record.
		if err := c.PutRecord(key.Host(), item.Bytes(), true); err != nil {
			return pkarr.Item{}, err
		}
	}
	known := rs.update(key, func(k *record) {
		if item.Newer(k.item) {
			*k = record{
				loaded: true, item: item, own: true, source: dhtSource, unsaved: k.unsaved, saveErr: k.saveErr,
			}
		}
	})
	if newest, _ := known.newest(); !newest.Same(item) { // A look-up has found a newer one meanwhile.
		return pkarr.Item{}, signedElsewhere(newest)
	}
	return item, nil
}

func signedElsewhere(item pkarr.Item) error {
	names := ""
	if h := infohashOf(item.Key, item); h != "" {
		names = ", and names " + h
	}
	return newError(
		item.Key.Host(),
		engine.Conflict,
		"the newest record of this key was signed elsewhere"+signedOn(item)+names+
			": another machine has the key, or this one has lost its database. Publish with --take-over to replace it",
	)
}

// publish puts a record that was signed here, and returns the answer for its key.
func (rs *records) publish(ctx context.Context, item pkarr.Item) (Answer, error) {
	limit, cancel := context.WithTimeout(ctx, signTimeout)
	defer cancel()
	began := time.Now()
	end := dhtResult{err: errNoDHT}
	if items := rs.r.cfg.Items; items != nil {
		end.lookup, end.err = items.RepublishItem(limit, item.Key, item, false)
		rs.saveLookup(item.Key, end.lookup)
	}
	end.took = time.Since(began)
	if end.lookup.Stored == 0 {
		rs.putToRelaysInstead(item.Key, item, end)
	}
	known := rs.get(item.Key)
	if newest, _ := known.newest(); !newest.Same(item) {
		return Answer{Host: item.Key.Host(), Key: item.Key.Host()}, signedElsewhere(newest)
	}
	a, err := rs.newAnswer(item.Key, known)
	if err != nil {
		return a, err
	}
	a.Queried = (&recordLookup{rs: rs, key: item.Key, began: began, dhtResult: &end}).askedServers()
	rs.r.remember(a)
	return a, nil
}
