package webtorrent

import (
	"errors"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// entry is one torrent at one tracker, a part of the state. torrent and tracker never change.
type entry struct {
	torrent       *Torrent
	tracker       *trackerState
	event         event     // of the next announce
	announced     bool      // it was announced over this connection
	preparing     bool      // an announce is being prepared
	removed       bool      // the torrent is not announced there any more
	urgent        bool      // the torrent wants peers and is announced first
	due           time.Time // when to announce next
	sent          time.Time // when it was announced last; zero for never
	awaitingReply bool      // no reply has arrived since

	trackerID       string
	seeds, leechers int
	complete        bool // the last announce said that it is complete
	peersFound      int  // offers and answers received since the last announce
	failure         string
	warning         string // of the last successful reply: foreign text, not clean
	refusals        int    // in a row
}

// announceSoon moves the next announce to the earliest allowed time.
func (e *entry) announceSoon(now time.Time) {
	at := now
	if soonest := e.sent.Add(e.tracker.times.minGap); soonest.After(at) {
		at = soonest
	}
	if at.Before(e.due) {
		e.due = at
	}
	e.tracker.notify()
}

// scheduleAfter schedules the next announce after d from the last one, unless an event is due before.
func (e *entry) scheduleAfter(d time.Duration) {
	if e.event == noEvent && !e.preparing {
		e.due = e.sent.Add(d)
		e.tracker.notify()
	}
}

// prepareAnnounce returns the announce that is due, without offers. Events from now on are for the next announce.
func (e *entry) prepareAnnounce(urgent bool, uploaded, downloaded, left int64) announceRequest {
	req := e.request(e.event, uploaded, downloaded, left)
	e.event, e.urgent, e.failure, e.complete = noEvent, urgent, "", left == 0
	return req
}

// markAnnounced records that the announce is about to be sent. It reports false if it must not be: the torrent is not
// announced there any more.
func (e *entry) markAnnounced(now time.Time) bool {
	if e.removed {
		return false
	}
	e.announced, e.awaitingReply, e.preparing, e.peersFound = true, true, false, 0
	e.sent, e.due = now, now.Add(jitter(e.tracker.times.silentInterval))
	if e.event != noEvent {
		e.due = now.Add(e.tracker.times.minGap)
	}
	return true
}

// request returns an announce without offers.
func (e *entry) request(ev event, uploaded, downloaded, left int64) announceRequest {
	if left < 0 {
		left = 1 // any value but 0
	}
	t := e.torrent
	return announceRequest{
		Action: "announce", InfoHash: encodeBinary(t.infohash[:]), PeerID: encodeBinary(t.client.cfg.PeerID[:]),
		TrackerID: e.trackerID,
		Event:     ev, Uploaded: uploaded, Downloaded: downloaded, Left: left, Offers: []offer{},
	}
}

// remove removes the torrent from the tracker, which is told if it knows the torrent.
func (e *entry) remove(uploaded, downloaded, left int64) {
	e.removed = true
	delete(e.tracker.entries, e.torrent.infohash)
	if e.announced {
		e.tracker.stoppedRequests = append(e.tracker.stoppedRequests, e.request(stopped, uploaded, downloaded, left))
	}
	e.tracker.notify()
}

// reportSeeds reports how many others seed the torrent. A tracker counts this client, too, once it was told that the
// torrent is complete here.
func (e *entry) reportSeeds() {
	report := e.torrent.counted
	if report == nil || e.seeds < 0 {
		return
	}
	url, seeds := e.tracker.handle.url, e.seeds
	if e.complete {
		seeds--
	}
	e.tracker.later.call(func() { report(url, max(seeds, 0)) })
}

// describe returns the state of the tracker for this torrent.
func (e *entry) describe(now time.Time) engine.Tracker {
	t := e.tracker
	d := engine.Tracker{
		URL: engine.Clean(t.handle.url), Status: "working", Seeds: e.seeds, Leechers: e.leechers, Peers: e.peersFound,
		Last: engine.At(e.sent), Next: engine.At(e.due),
	}
	var err error
	switch {
	case t.conn == nil:
		err = t.err
		d.Next = engine.At(t.nextDial)
		if err == nil {
			d.Status = "announcing"
		}
	case e.failure != "":
		err = errors.New(e.failure)
	case e.awaitingReply && now.Sub(e.sent) > t.times.answer:
		err = errors.New("the tracker does not answer")
	case e.awaitingReply, e.preparing, e.sent.IsZero():
		d.Status = "announcing"
	}
	if err != nil {
		d.Status, d.Error = "failing", engine.Clean(cause.Describe(err))
	} else {
		d.Warning = engine.Clean(e.warning)
	}
	return d
}
