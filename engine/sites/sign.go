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

// signRequest says which site's record is to be signed, and with which key.
type signRequest struct {
	op, host string
	key      folderKey
	takeOver bool
}

// signResult is the outcome of a signRequest.
type signResult struct {
	record engine.Record
	err    error
}

// signQueued signs the version that the site serves or is about to serve, and updates the site. One record is signed at
// a time and names what its site serves by then, so the last one signed is right.
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

// webSeedsAtHome returns the URL under which a home serves the files of a version, if it does. It does not for a site
// whose pages may contact no other server, for a private torrent (BEP 27), or without TLS.
func webSeedsAtHome(st *state, s *site, infohash string) []string {
	home := st.homes.address(s.row.Host)
	t := s.torrent
	if !strings.HasPrefix(home, "https://") || s.row.NoClearnet || t == nil || !t.ready || t.info.Private {
		return nil
	}
	return []string{home + webSeedFolder + infohash + "/"}
}

// handleSigned handles a record that was signed here for the site.
func (n *nameFollower) handleSigned(s *site, answer resolve.Answer) {
	s.republish.scheduleNext(s.row.Host, n.cfg.Clock.Now(), answer.Record, nil)
	if engine.IsKey(s.row.Host) {
		n.handleAnswer(s, answer, nil)
		return
	}
	n.restartLookup(s) // Where the domain points is decided by DNS.
}

// signSwitched signs the version that a site of a key has been switched to, in the background, so that its followers
// get what its owner serves.
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
