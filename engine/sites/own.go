package sites

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/publish"
	"wtptui/engine/resolve"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// How long former versions of a published site are kept, unless the configuration says otherwise, and how many.
const (
	keepFor      = 30 * 24 * time.Hour
	keepVersions = 10
)

// publications are the folders that were made sites here.
type publications struct {
	cfg     *Config
	journal *journal
	byHost  map[string]store.Publication
	// homeURL returns where anybody opens a site that has a home that is on; empty if it has none.
	homeURL func(host string) string
	// changed is told of the torrent of one of them of which more is known.
	onChanged func(infohash string)
}

// load reads which folders are sites.
func (p *publications) load() error {
	records, err := p.cfg.Store.Publications()
	if err != nil {
		return err
	}
	for _, r := range records {
		versions, err := p.cfg.Store.Versions(r.Host)
		if err != nil {
			return err
		}
		for _, v := range versions { // records of the first releases have no Former
			if v.Source == sourcePublished && !isOwnVersion(r, v.Infohash) {
				r.Former = append(r.Former, v.Infohash)
			}
		}
		p.byHost[r.Host] = r
	}
	return nil
}

func (p *publications) keepFor() time.Duration {
	if p.cfg.KeepFor > 0 {
		return p.cfg.KeepFor
	}
	return keepFor
}

func (p *publications) keepVersions() int {
	if p.cfg.KeepVersions > 0 {
		return p.cfg.KeepVersions
	}
	return keepVersions
}

// forget says that the host is no site of ours any more; its record goes with its row.
func (p *publications) forget(host string) { delete(p.byHost, host) }

// has says that a person published the site here: what is on this machine may be all there is of it.
func (p *publications) isOwn(s *site) bool {
	record, published := p.byHost[s.row.Host]
	return published && s.row.Mine && !strings.HasPrefix(record.Dir, shippedPrefix)
}

// from returns how a site was published last; zero for one that no person published here.
func (p *publications) publishedFrom(s *site) engine.PublishedFrom {
	if !p.isOwn(s) {
		return engine.PublishedFrom{}
	}
	r := p.byHost[s.row.Host]
	return engine.PublishedFrom{
		Dir: engine.Clean(r.Dir), InPlace: r.InPlace, At: engine.At(r.At),
		Keep: publish.Memory{Kept: r.Kept}.KeptPaths(), LeaveOut: append([]string{}, r.LeftOut...),
	}
}

// publicURL returns where anybody opens a site; empty if nobody knows.
func (p *publications) publicURL(s *site) string {
	if home := p.homeURL(s.row.Host); home != "" || !p.isOwn(s) {
		return home
	}
	return p.byHost[s.row.Host].PublicURL
}

// inPlace says where the version of a site is seeded from without a copy; nil for one that is copied.
func (p *publications) inPlace(host, infohash string) *swarm.InPlace {
	record, ok := p.byHost[host]
	if !ok || !record.InPlace || record.Infohash != infohash {
		return nil
	}
	return &swarm.InPlace{Dir: record.Dir, Stamps: record.Stamps}
}

// wasInPlace says that a site's newest version is, or was until now, seeded from its folder.
func (p *publications) wasInPlace(row store.Site, former string) bool {
	for _, host := range []string{row.Host, former} {
		if r, ok := p.byHost[host]; ok && r.InPlace && r.Infohash == row.Infohash {
			return true
		}
	}
	return false
}

// sourcePublished is the source of a version that was published here and that no answer has named yet.
const sourcePublished = "published"

// maxFormer bounds how many versions are known as published here; the oldest are given up.
const maxFormer = 100

// formerVersions are the versions that were published before one that follows p.
func formerVersions(p store.Publication, infohash string) []string {
	former := slices.DeleteFunc(append([]string{p.Infohash}, p.Former...), func(v string) bool { return v == infohash })
	return former[:min(len(former), maxFormer)]
}

func isOwnVersion(p store.Publication, infohash string) bool {
	return p.Infohash == infohash || slices.Contains(p.Former, infohash)
}

// followsAnswer says that a published site follows its domain to a version: one that was published elsewhere, as from
// another machine of the same person. It never goes to one that was published here: that is what DNS says for some
// time after a new version, and after a person went back to an old one. Nor does it go anywhere before the domain has
// agreed: what it names until then is what it named before anything was published here.
func (p *publications) followsAnswer(s *site, infohash string) bool {
	r := p.byHost[s.row.Host]
	return s.row.Mine && !s.row.Held && r.Agreed && !isOwnVersion(r, infohash)
}

// noteAgreement remembers that the domain of a published site names what was published here.
func (p *publications) noteAgreement(host string, answer resolve.Answer) {
	r, published := p.byHost[host]
	if !published || r.Agreed || answer.Stale || !isOwnVersion(r, answer.Infohash) {
		return
	}
	r.Agreed = true
	p.byHost[host] = r
	p.onChanged(r.Infohash)
	p.journal.enqueue(storeChange{apply: func(tx *store.Tx) error { return tx.PutPublication(r) }})
}

// describeOwnCopies says of those of the sites that a person published here how many copies others have.
func (a *stateAccess) describeOwnCopies(hosts []string) map[string]string {
	joined := map[string]swarm.Torrent{}
	_ = a.withState("sites: count copies", "", func(st *state) error { // What comes after this fails as well.
		for _, host := range hosts {
			if s := st.roster.here[host]; s != nil && st.own.isOwn(s) {
				joined[host] = nil
				if s.torrent != nil {
					joined[host] = s.torrent.joined
				}
			}
		}
		return nil
	})
	copies := make(map[string]string, len(joined))
	for host, t := range joined {
		var peers []engine.Peer
		if t != nil {
			peers = t.Peers()
		}
		copies[host] = describeCopies(peers)
	}
	return copies
}

// describeCopies counts the complete copies among the peers, those that browsers can reach apart from the others: a
// site that only torrent clients have cannot be opened by most people.
func describeCopies(peers []engine.Peer) string {
	web, tcp := 0, 0
	for _, p := range peers {
		switch {
		case p.Done < 1:
		case p.Via == engine.WebRTC:
			web++
		default:
			tcp++
		}
	}
	if web+tcp == 0 {
		return "nobody else who is connected now has a complete copy"
	}
	return fmt.Sprintf("of those connected now, %d with a complete copy can be reached by browsers, and %d by torrent clients only", web, tcp)
}
