package resolve

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// signLimit bounds how long the newest record is looked for before one is signed, and how long that is put.
const signLimit = 5 * time.Second

// Signing is a record that is to be signed.
type Signing struct {
	Secret  ed25519.PrivateKey
	Content pkarr.Content
	// TakeOver signs it also if the newest record was signed elsewhere.
	TakeOver bool
}

// CheckSigner returns why a record must not be signed: Kind Conflict if the newest one was signed elsewhere, or so far
// in the future that none can follow it. It looks the key up to the end, for some seconds. That nobody answers is no
// reason: what is signed then is put once somebody does.
func (r *Resolver) CheckSigner(ctx context.Context, key engine.PublicKey, takeOver bool) error {
	end, ok := r.begin()
	if !ok {
		return interrupted(key.Host(), context.Canceled)
	}
	defer end()
	limit, cancel := context.WithTimeout(ctx, signLimit)
	defer cancel()
	r.records.read(limit, key, true)
	if ctx.Err() != nil {
		return interrupted(key.Host(), ctx.Err())
	}
	_, err := r.records.mayFollow(key, takeOver)
	return err
}

// mayFollow returns the sequence number of a record that is signed now; Kind Conflict if there must be none.
func (rs *records) mayFollow(key engine.PublicKey, takeOver bool) (seq int64, err error) {
	known := rs.get(key)
	if !known.item.IsZero() && !known.own && !takeOver {
		return 0, signedElsewhere(known.item)
	}
	return pkarr.NextSeq(rs.r.now(), known.item.Seq)
}

// Sign signs a record after the key was looked up to the end, writes it down, and then puts it into the DHT: that
// nobody takes it is told in Answer.Record, and is no error. The same content again is put as it was signed. Errors are
// those of CheckSigner, and Kind Invalid.
func (r *Resolver) Sign(ctx context.Context, s Signing) (Answer, error) {
	key := engine.PublicKey(s.Secret.Public().(ed25519.PublicKey))
	rs := &r.records
	end, ok := r.begin()
	if !ok {
		return Answer{}, interrupted(key.Host(), context.Canceled)
	}
	defer end()
	select {
	case rs.signing <- struct{}{}:
		defer func() { <-rs.signing }()
	case <-ctx.Done():
		return Answer{}, interrupted(key.Host(), ctx.Err())
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

// sign makes the next record and writes it down.
func (rs *records) sign(key engine.PublicKey, s Signing) (pkarr.Item, error) {
	seq, err := rs.mayFollow(key, s.TakeOver)
	if err != nil {
		return pkarr.Item{}, err
	}
	value, err := s.Content.Value(key)
	if err != nil {
		return pkarr.Item{}, err
	}
	if known := rs.get(key); known.own && bytes.Equal(known.item.Value, value) {
		return known.item, nil
	}
	item, err := pkarr.Sign(s.Secret, seq, value)
	if err != nil {
		return pkarr.Item{}, err
	}
	if c := rs.r.cfg.Cache; c != nil {
		// A number that is forgotten could be given to another record.
		if err := c.PutRecord(key.Host(), item.Bytes(), true); err != nil {
			return pkarr.Item{}, err
		}
	}
	known := rs.change(key, func(k *record) {
		if item.Newer(k.item) {
			*k = record{loaded: true, item: item, own: true, source: dhtSource}
		}
	})
	if !known.item.Same(item) { // A look-up has found a newer one meanwhile.
		return pkarr.Item{}, signedElsewhere(known.item)
	}
	return item, nil
}

func signedElsewhere(item pkarr.Item) error {
	names := ""
	if h := infohashOf(item.Key, item); h != "" {
		names = ", and names " + h
	}
	return fail(
		item.Key.Host(),
		engine.Conflict,
		"the newest record of this key was signed elsewhere"+signedOn(item)+names+
			": another machine has the key, or this one has lost its database. Publish with --take-over to replace it",
	)
}

// publish puts a record that was signed here, and answers for its key.
func (rs *records) publish(ctx context.Context, item pkarr.Item) (Answer, error) {
	limit, cancel := context.WithTimeout(ctx, signLimit)
	defer cancel()
	began := time.Now()
	end := dhtEnd{err: errNoDHT}
	if items := rs.r.cfg.Items; items != nil {
		end.lookup, end.err = items.KeepItem(limit, item.Key, item, false)
		rs.looked(item.Key, end.lookup)
	}
	end.took = time.Since(began)
	if end.lookup.Stored == 0 {
		rs.unkept(item.Key, item, end)
	}
	known := rs.get(item.Key)
	if !known.item.Same(item) {
		return Answer{Host: item.Key.Host(), Key: item.Key.Host()}, signedElsewhere(known.item)
	}
	a, err := rs.answer(item.Key, known)
	if err != nil {
		return a, err
	}
	a.Asked = (&reading{rs: rs, key: item.Key, began: began, inDHT: &end}).told()
	rs.r.keep(a)
	return a, nil
}
