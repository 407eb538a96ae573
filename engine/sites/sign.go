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
type signRequest struct {
	op, host string
	key      folderKey
	takeOver bool
}

// signed is what came of it.
type signResult struct {
	record engine.Record
	err    error
}

// signQueued signs what the site serves, or is about to, and lets the site know. One record is signed at a time, and
// each says what its site serves then: the last one that is signed is right.
func (p *publisher) signQueued(ctx context.Context, s signRequest) signResult {
	select {
	case p.signSlot <- struct{}{}:
		defer func() { <-p.signSlot }()
	case <-ctx.Done():
		return signResult{err: stoppingError(s.op, s.host)}
	}
	record, err := p.sign(ctx, s)
	return signResult{record, err}
}

func (p *publisher) sign(ctx context.Context, s signRequest) (engine.Record, error) {
	content := pkarr.Content{Trackers: engine.TrackerHints(p.cfg.homeTracker().URLs)}
	err := p.withState(s.op, s.host, func(st *state) error {
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
	return answer.Record, p.withState(s.op, s.host, func(st *state) error {
		if found := st.roster.here[s.host]; found != nil {
			st.names.handleSigned(found, answer)
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
func (n *nameFollower) handleSigned(s *site, answer resolve.Answer) {
	s.republish.scheduleNext(s.row.Host, n.cfg.Clock.Now(), answer.Record, nil)
	if engine.IsKey(s.row.Host) {
		n.handleAnswer(s, answer, nil)
		return
	}
	n.restartLookup(s) // What the domain names is for DNS to say.
}

// signSwitched signs the version that a site of a key has been switched to, in the background: who follows the site
// sees what its owner serves.
func (p *publisher) signSwitched(host string) {
	const op = "sites: switch"
	var record store.Publication
	err := p.withState(op, host, func(st *state) error {
		if s := st.roster.here[host]; s != nil && s.row.Mine {
			record = st.own.byHost[host]
		}
		return nil
	})
	if err != nil || record.Key == "" {
		return
	}
	p.owner.do(func() {
		p.owner.startBackground(func(ctx context.Context) {
			key, err := loadKey(op, p.cfg.Keys, record)
			if err == nil {
				err = p.signQueued(ctx, signRequest{op: op, host: host, key: key}).err
			}
			if err == nil || ctx.Err() != nil {
				return
			}
			p.owner.do(func() {
				p.state.events.record(p.state.roster.here[host], engine.Warning, engine.Noticed,
					"those who follow the site are not told: "+engine.Message(err))
			})
		})
	})
}
