package sites

import (
	"context"

	"wtptui/engine"
)

// Resolve implements engine.Engine. A site of that domain or key which follows it uses the answer at once.
func (e *Engine) Resolve(ctx context.Context, name string) (engine.Name, error) {
	const op = "sites: resolve"
	host, err := engine.ParseKnownHost(name)
	if special := engine.CheckSpecialUse(host); err == nil && special != nil {
		return engine.Name{}, special
	}
	if err != nil || engine.IsInfohash(host) {
		return engine.Name{}, &engine.Error{
			Op: op, Kind: engine.Invalid,
			Msg: engine.Clean(name) + " is neither a domain nor a key: only those, like example.org, point to something",
		}
	}
	if err := e.withState(op, host, func(*state) error { return nil }); err != nil {
		return engine.Name{}, err
	}
	answer, answerErr := e.cfg.Resolver.ResolveUncached(ctx, host)
	if ctx.Err() != nil || engine.KindOf(answerErr) == engine.Invalid {
		return engine.Name{}, answerErr
	}
	answer.Host = host
	answer = e.cfg.withSigner(answer)
	stored, err := e.cfg.Store.Name(host)
	if err != nil {
		return engine.Name{}, saveError(op, host, err)
	}
	n := answer.Name(answerErr)
	err = e.withState(op, host, func(st *state) error {
		if s := st.roster.here[host]; s != nil && !s.row.Held && !s.row.Paused {
			st.names.handleLookup(s, s.name.beginQuery(), answer, answerErr)
		}
		n.Versions = st.versions.view(host, stored.Versions)
		return nil
	})
	return n, err
}
