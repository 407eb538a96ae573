package sites

import (
	"context"

	"wtptui/engine"
)

// Resolve implements engine.Engine. A site of that domain which follows it takes the answer at once.
func (e *Engine) Resolve(ctx context.Context, domain string) (engine.Name, error) {
	const op = "sites: resolve"
	host, err := engine.ParseKnownHost(domain)
	if special := engine.RefuseSpecialUse(host); err == nil && special != nil {
		return engine.Name{}, special
	}
	if err != nil || engine.IsInfohash(host) {
		return engine.Name{}, &engine.Error{Op: op, Kind: engine.Invalid, Msg: engine.Clean(domain) + " is not a domain: only a domain, like example.org, points to something"}
	}
	if err := e.ask(op, host, func(*state) error { return nil }); err != nil {
		return engine.Name{}, err
	}
	answer, answerErr := e.cfg.Resolver.Ask(ctx, host)
	if ctx.Err() != nil || engine.KindOf(answerErr) == engine.Invalid {
		return engine.Name{}, answerErr
	}
	answer.Host = host
	stored, err := e.cfg.Store.Name(host)
	if err != nil {
		return engine.Name{}, storeError(op, host, err)
	}
	n := answer.Name(answerErr)
	err = e.ask(op, host, func(st *state) error {
		if s := st.roster.here[host]; s != nil && !s.row.Held && !s.row.Paused {
			st.names.resolved(s, s.name.begin(), answer, answerErr)
		}
		n.Versions = st.versions.view(host, stored.Versions)
		return nil
	})
	return n, err
}
