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

// Defaults of Config.KeepFor and Config.KeepVersions.
const (
	keepFor      = 30 * 24 * time.Hour
	keepVersions = 10
)

// publications has the folders that were published here, by host.
type publications struct {
	cfg     *Config
	journal *journal
	byHost  map[string]store.Publication
	// homeURL returns the URL of a site's home that is on; empty if there is none.
	homeURL func(host string) string
	// onChanged is called with the torrent of a publication whose record has changed.
	onChanged func(infohash string)
}

// load loads the publications from the store.
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
		for _, v := range versions { // records of the first releases lack Former
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

// forget forgets the publication of a host. Its record is deleted with the site's row.
func (p *publications) forget(host string) { delete(p.byHost, host) }

// isOwn reports whether a person published the site here. This machine may then have the only copy.
func (p *publications) isOwn(s *site) bool {
	record, published := p.byHost[s.row.Host]
	return published && s.row.Mine && !strings.HasPrefix(record.Dir, shippedPrefix)
}

// publishedFrom returns how a site was last published; zero if no person published it here.
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

// publicURL returns the public URL of a site; empty if unknown.
func (p *publications) publicURL(s *site) string {
	if home := p.homeURL(s.row.Host); home != "" || !p.isOwn(s) {
		return home
	}
	return p.byHost[s.row.Host].PublicURL
}

// inPlace returns the folder that a version is seeded from without a copy; nil for a copied version.
func (p *publications) inPlace(host, infohash string) *swarm.InPlace {
	record, ok := p.byHost[host]
	if !ok || !record.InPlace || record.Infohash != infohash {
		return nil
	}
	return &swarm.InPlace{Dir: record.Dir, Stamps: record.Stamps}
}

// wasInPlace reports whether a site's newest version is, or was until now, seeded from its folder.
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

// maxFormer is how many versions are remembered as published here; the oldest are dropped.
const maxFormer = 100

// formerVersions returns the versions that were published before infohash, given the publication before it.
func formerVersions(p store.Publication, infohash string) []string {
	former := slices.DeleteFunc(append([]string{p.Infohash}, p.Former...), func(v string) bool { return v == infohash })
	return former[:min(len(former), maxFormer)]
}

func isOwnVersion(p store.Publication, infohash string) bool {
	return p.Infohash == infohash || slices.Contains(p.Former, infohash)
}

// followsAnswer reports whether a published site follows its domain to a version. It does if that was published
// elsewhere, as from another machine of the same person. It never follows to a version that was published here: DNS
// names such ones for some time after a new version, and after a person has gone back to an old one. Nor does it follow
// before the domain has once named a version from here: until then it names what was there before.
func (p *publications) followsAnswer(s *site, infohash string) bool {
	r := p.byHost[s.row.Host]
	return s.row.Mine && !s.row.Held && r.Agreed && !isOwnVersion(r, infohash)
}

// noteAgreement records that the domain of a published site names a version that was published here.
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

// describeOwnCopies returns how many copies others have of those sites that were published here, as text by host.
func (a *stateAccess) describeOwnCopies(hosts []string) map[string]string {
	joined := map[string]swarm.Torrent{}
	_ = a.withState("sites: count copies", "", func(st *state) error { // The caller's next step fails as well.
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

// describeCopies counts the complete copies among the peers. Those that browsers can reach are counted apart, since
// most people cannot open a site that only torrent clients have.
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
	return fmt.Sprintf("of those connected now, %d with a complete copy can be reached by browsers, "+
		"and %d by torrent clients only", web, tcp)
}
