package resolve

import (
	"fmt"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

func signing(infohash string) Signing {
	return Signing{Secret: secret, Content: pkarr.Content{Infohash: infohash}}
}

// TestSign: each record has a later number than the newest known one, and records of other machines are replaced only
// on request.
func TestSign(t *testing.T) {
	dht, cache := &fakeDHT{}, &memoryCache{}
	r, clock := newResolver(t, Config{Items: dht, Cache: cache})
	a, err := r.Sign(t.Context(), signing(hashA))
	expectInfohash(t, a, err, hashA)
	first := a.Record
	if first.Seq != clock.Now().UnixMicro() || first.Nodes != 8 || a.TTL != 5*time.Minute {
		t.Errorf("signed %+v", a)
	}
	if a, err = r.Sign(t.Context(), signing(hashA)); err != nil || a.Record.Seq != first.Seq {
		t.Errorf("the same again: %+v, %v", a.Record, err)
	}
	clock.advance(-time.Hour) // as when a clock is set back
	if a, err = r.Sign(t.Context(), signing(hashB)); err != nil || a.Record.Seq != first.Seq+1 {
		t.Errorf("with the clock set back: %+v, %v", a.Record, err)
	}
	elsewhere := signed(t, 12*time.Hour, hashC)
	dht.set(elsewhere)
	err = r.CheckSigner(t.Context(), public(), false)
	expectMessage(t, err, engine.Conflict, "signed elsewhere", hashC, "--take-over")
	if _, err = r.Sign(t.Context(), signing(hashA)); engine.KindOf(err) != engine.Conflict {
		t.Errorf("over another machine's record: %v", err)
	}
	over := signing(hashA)
	over.TakeOver = true
	if a, err = r.Sign(t.Context(), over); err != nil || a.Record.Seq != elsewhere.Seq+1 || a.Infohash != hashA {
		t.Errorf("taken over: %+v, %v", a.Record, err)
	}
	dht.set(signed(t, 1000*time.Hour, hashC))
	_, err = r.Sign(t.Context(), over)
	expectMessage(t, err, engine.Conflict, "in the future")
}

// TestSignAfterRecordThatCannotBeStored: a record of another machine is noticed even if the disk is full, so that it is
// not replaced unasked.
func TestSignAfterRecordThatCannotBeStored(t *testing.T) {
	dht, cache := &fakeDHT{}, &fullDisk{}
	r, _ := newResolver(t, Config{Items: dht, Cache: cache})
	a, err := r.Sign(t.Context(), signing(hashA))
	expectInfohash(t, a, err, hashA)
	elsewhere := signed(t, 12*time.Hour, hashC)
	dht.set(elsewhere)
	cache.full = true
	err = r.CheckSigner(t.Context(), public(), false)
	expectMessage(t, err, engine.Conflict, "signed elsewhere", hashC)
	cache.full = false
	over := signing(hashA) // what was signed first, but older than the other machine's
	over.TakeOver = true
	if a, err = r.Sign(t.Context(), over); err != nil || a.Record.Seq != elsewhere.Seq+1 || a.Infohash != hashA {
		t.Errorf("taken over: %+v, %v", a.Record, err)
	}
}

// TestSignOffline: a record that is signed without a network is stored, and republished once there is one.
func TestSignOffline(t *testing.T) {
	dht, cache := &fakeDHT{off: true}, &memoryCache{}
	r, _ := newResolver(t, Config{Items: dht, Cache: cache})
	a, err := r.Sign(t.Context(), signing(hashA))
	expectInfohash(t, a, err, hashA)
	if a.Record.Error == "" || a.Record.Nodes != 0 || cache.items[public().Host()].item == nil {
		t.Errorf("signed %+v", a.Record)
	}
	dht.mu.Lock()
	dht.off = false
	dht.mu.Unlock()
	again, _ := newResolver(t, Config{Items: dht, Cache: cache})
	if a, err := again.Republish(t.Context(), public().Host()); err != nil || a.Record.Nodes != 8 || a.Record.Seq == 0 ||
		a.Record.Error != "" {
		t.Errorf("kept %+v, %v", a.Record, err)
	}
	if err := again.CheckSigner(t.Context(), public(), false); err != nil {
		t.Errorf("it is not known as signed here: %v", err)
	}
}

// TestSignsAtTheSameTime: concurrent signatures have different numbers.
func TestSignsAtTheSameTime(t *testing.T) {
	r, _ := newResolver(t, Config{Items: &fakeDHT{}, Cache: &memoryCache{}})
	seqs := make(chan int64)
	for i := range 8 {
		go func() {
			a, err := r.Sign(t.Context(), signing(fmt.Sprintf("%040x", i+1)))
			if err != nil {
				t.Error(err)
			}
			seqs <- a.Record.Seq
		}()
	}
	seen := map[int64]bool{}
	for range 8 {
		seen[<-seqs] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d numbers for 8 records", len(seen))
	}
}
