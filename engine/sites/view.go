package sites

import (
	"fmt"
	"time"

	"wtptui/engine"
)

// noPeerTimeout is how long an incomplete site may be without peers before that is reported as an error. It keeps
// trying.
const noPeerTimeout = 3 * time.Minute

// noLabels is the value of Labels for a site without any: an empty list in JSON.
var noLabels = []string{}

// view returns the site as watchers see it.
func (s *site) view(own *publications, now time.Time) engine.Site {
	v := engine.Site{
		Host:      s.row.Host,
		Infohash:  s.row.Infohash,
		URL:       s.url,
		LocalURL:  s.localURL,
		PublicURL: own.publicURL(s),
		Title:     s.row.Title,
		Pinned:    s.row.Pinned && s.saved.Pinned,
		Mine:      s.row.Mine,
		Own:       own.isOwn(s),
		Flags:     engine.Flags(s.row.Flags),
		Labels:    s.row.Labels,
		Enough:    s.row.Enough,
		Resting:   s.rest.resting && !s.row.Paused,

		NextInfohash: s.row.Next,
		NextCheck:    s.nextCheck(),
		Held:         s.row.Held,
		InUse:        s.inUse > 0,
		ExpiresAt:    engine.At(s.row.ExpiresAt),
		Size:         -1,
		Downloaded:   s.row.Downloaded,
		Uploaded:     s.row.Uploaded,
		AddedAt:      engine.At(s.row.AddedAt),
		LastOpen:     engine.At(s.row.LastOpen),
		CompleteAt:   engine.At(s.completeSince()),
		MissingParts: len(s.missing.parts),
		MissingPage:  s.missing.page,
	}
	v.Copies, v.WebCopies = s.copies(now)
	if v.Labels == nil {
		v.Labels = noLabels
	}
	t := s.torrent
	if t != nil {
		v.Checking = t.stats.Checking
		v.Completed = t.stats.Completed
		v.Peers, v.Seeds, v.WebPeers, v.KnownPeers = t.stats.Peers, t.stats.Seeds, t.stats.WebPeers, t.stats.Known
		if t.ready {
			v.Size, v.Files = t.info.Size, len(t.info.Files)
		}
	}
	for t := range s.counted {
		v.DownRate += t.down.rate()
		v.UpRate += t.up.rate()
	}
	uncounted := s.counted.uncounted()
	v.Downloaded += uncounted.down
	v.Uploaded += uncounted.up
	v.State = s.state()
	if v.State != engine.Seeding && v.State != engine.Paused || s.isBeingWritten() {
		v.Awaiting = s.describeAwaited(now)
	}
	if s.hasKey() {
		v.Record, v.NextKey = s.name.answer.Record, s.name.answer.NextKey
	}
	diagnosis{s, now}.show(&v)
	return v
}

// state returns the state of the site, ignoring faults.
func (s *site) state() engine.State {
	t := s.torrent
	switch {
	case s.row.Found:
		return engine.Found
	case s.row.Paused:
		return engine.Paused
	case t == nil && !engine.IsInfohash(s.row.Host):
		return engine.Resolving
	case t == nil || !t.ready:
		return engine.Metadata
	case !s.isComplete():
		return engine.Downloading
	}
	return engine.Seeding
}

// isComplete reports whether all of the site, its list of files and its row are on the disk.
func (s *site) isComplete() bool {
	return s.torrent != nil && s.torrent.complete && s.saved.Infohash == s.torrent.infohash
}

// isBeingWritten reports whether all of the site is here but has not reached the disk yet.
func (s *site) isBeingWritten() bool {
	t := s.torrent
	return t != nil && t.ready && !t.stats.Checking && t.stats.Completed == t.info.Size && !s.isComplete()
}

// describeAwaited returns what an incomplete site waits for, as text.
func (s *site) describeAwaited(now time.Time) string {
	t := s.torrent
	switch {
	case s.row.Found:
		return engine.FoundAwaiting
	case s.isBeingWritten():
		return "the disk: all is here and being written down"
	case t == nil && s.name.running && engine.IsKey(s.row.Host):
		return "what the key's owner has signed (DHT)"
	case t == nil && s.name.running:
		return "the address of " + s.row.Host + " (DNS)"
	case t == nil:
		return "its torrent"
	case s.row.Paused:
		return "resume: it is paused"
	case t.paused && !s.rest.resting:
		return "the end of the schedule that has all sites paused"
	case t.stats.Peers == 0 && t.stats.MirrorFault != "":
		return "peers: " + t.stats.MirrorFault
	case !s.noPeersSince.IsZero() && now.Sub(s.noPeersSince) >= time.Minute:
		return "peers: none found for " + shortTime(now.Sub(s.noPeersSince))
	case t.stats.Peers == 0:
		return "peers"
	case !t.ready:
		return "the list of files, from " + peers(t.stats.Peers)
	}
	return "pieces, from " + peers(t.stats.Peers)
}

// diagnosis finds out what is wrong with a site at a point in time.
type diagnosis struct {
	*site

	now time.Time
}

// show sets the error of the site, if there is one, and its state.
func (d diagnosis) show(v *engine.Site) {
	fail := func(err error) {
		v.Error, v.ErrorKind = engine.Message(err), engine.KindOf(err)
	}
	t := d.torrent
	switch {
	case d.row.Found: // Faults of found data are not reported.
	case d.err != nil:
		fail(d.err)
		v.State = engine.Failed
	case t != nil && t.stats.Fault != nil:
		fail(t.stats.Fault)
		if v.State == engine.Downloading || v.State == engine.Metadata {
			v.State = engine.Failed
		}
	case !d.noPeersSince.IsZero() && d.now.Sub(d.noPeersSince) >= noPeerTimeout && v.State != engine.Paused:
		fail(&engine.Error{
			Kind: engine.Unavailable,
			Msg:  "no peers for " + shortTime(d.now.Sub(d.noPeersSince)) + ": " + d.whyAlone() + ", trying on",
		})
		v.State = engine.Failed
	case d.row.Next != "":
		d.showNext(v)
	}
}

// whyAlone returns why the site has no peers.
func (d diagnosis) whyAlone() string {
	if t := d.torrent; t != nil && t.stats.MirrorFault != "" {
		return t.stats.MirrorFault
	}
	return "nobody seems to seed it now"
}

// showNext sets the error that keeps the site from moving to its next version. What it serves is not affected.
func (d diagnosis) showNext(v *engine.Site) {
	err := d.next.err
	switch next := d.next.torrent; {
	case err != nil:
	case next != nil && next.stats.Fault != nil:
		err = next.stats.Fault
	case !d.next.noPeersSince.IsZero() && d.now.Sub(d.next.noPeersSince) >= noPeerTimeout:
		err = &engine.Error{
			Kind: engine.Unavailable,
			Msg:  "no peers for " + shortTime(d.now.Sub(d.next.noPeersSince)) + ", trying on",
		}
	default:
		return
	}
	v.Error = "the version before is served: the new one, " + d.row.Next[:8] + "…, cannot be fetched: " +
		engine.Message(err)
	v.ErrorKind = engine.KindOf(err)
}

// shortTime formats a duration in its largest unit.
func shortTime(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh", int(d.Hours()))
}

func peers(n int) string {
	if n == 1 {
		return "1 peer"
	}
	return fmt.Sprintf("%d peers", n)
}
