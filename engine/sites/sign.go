package sites

import (
	"cmp"
	"context"
	"strings"

	"wtptui/engine"
	"wtptui/engine/pkarr"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// webSeedFolder is where a home has the files of the version that its site serves, below its root (BEP 19).
const webSeedFolder = "wtptui-loader/files/"

// signing is the record of a site that was published here, on its way.
type signing struct {
	op, host string
	key      folderKey
	takeOver bool
}

// signed is what came of it.
type signed struct {
	record engine.Record
	err    error
}

// signInTurn signs what the site serves, or is about to, and lets the site know. One record is signed at a time, and
// each says what its site serves then: the last one that is signed is right.
func (p *publisher) signInTurn(ctx context.Context, s signing) signed {
	select {
	case p.signing <- struct{}{}:
		defer func() { <-p.signing }()
	case <-ctx.Done():
		return signed{err: stopping(s.op, s.host)}
	}
	record, err := p.sign(ctx, s)
	return signed{record, err}
}

func (p *publisher) sign(ctx context.Context, s signing) (engine.Record, error) {
	content := pkarr.Content{Trackers: engine.TrackerHints(p.cfg.homeTracker().URLs)}
	err := p.ask(s.op, s.host, func(st *state) error {
		found, err := st.roster.find(s.op, s.host)
		if err != nil {
			return err
		}
		content.Infohash = cmp.Or(found.row.Next, found.row.Infohash)
		content.WebSeeds = webSeedsAtHome(st, found, content.Infohash)
		return nil
	})
	if err != nil {
		return engine.Record{}, err
	}
	answer, err := p.cfg.Resolver.Sign(ctx, resolve.Signing{Secret: s.key.secret, Content: content, TakeOver: s.takeOver})
	if err != nil {
		return engine.Record{}, err
	}
	answer.Key = s.key.host()
	answer = p.cfg.withSigner(answer)
	return answer.Record, p.ask(s.op, s.host, func(st *state) error {
		if found := st.roster.here[s.host]; found != nil {
			st.names.signed(found, answer)
		}
		return nil
	})
}

// webSeedsAtHome returns where a home serves the files of a version, if it does: not of a site whose pages may ask no
// other server, nor of a private torrent (BEP 27), nor without TLS.
func webSeedsAtHome(st *state, s *site, infohash string) []string {
	home := st.homes.address(s.row.Host)
	t := s.torrent
	if !strings.HasPrefix(home, "https://") || s.row.NoClearnet || t == nil || !t.ready || t.info.Private {
		return nil
	}
	return []string{home + webSeedFolder + infohash + "/"}
}

// signed takes a record that was signed here for the site.
func (n *naming) signed(s *site, answer resolve.Answer) {
	s.keep.done(s.row.Host, n.cfg.Clock.Now(), answer.Record, nil)
	if engine.IsKey(s.row.Host) {
		n.answered(s, answer, nil)
		return
	}
	n.lookUpNow(s) // What the domain names is for DNS to say.
}

// signSwitched signs the version that a site of a key has been switched to, in the background: who follows the site
// sees what its owner serves.
func (p *publisher) signSwitched(host string) {
	const op = "sites: switch"
	var record store.Publication
	err := p.ask(op, host, func(st *state) error {
		if s := st.roster.here[host]; s != nil && s.row.Mine {
			record = st.own.byHost[host]
		}
		return nil
	})
	if err != nil || record.Key == "" {
		return
	}
	p.owner.ask(func() {
		p.owner.background(func(ctx context.Context) {
			key, err := loadKey(op, p.cfg.Keys, record)
			if err == nil {
				err = p.signInTurn(ctx, signing{op: op, host: host, key: key}).err
			}
			if err == nil || ctx.Err() != nil {
				return
			}
			p.owner.ask(func() {
				p.owned.news.record(p.owned.roster.here[host], engine.Warning, engine.Noticed,
					"those who follow the site are not told: "+engine.Message(err))
			})
		})
	})
}
