package resolve

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// asking is one round of questions to servers, all for the same host.
type asking struct {
	r      *Resolver
	q      *dns.Msg
	cancel context.CancelFunc
	ctx    context.Context
	begun  []begun // in the order in which the servers were asked
	voices chan voice
	heard  []voice // in the order in which they came
}

type begun struct {
	server string
	at     time.Time
}

// voice is what one server said.
type voice struct {
	server string
	reply  reply
	err    error
	took   time.Duration
}

// ok says that the voice is an answer, even if that is that there is no key.
func (v voice) ok() bool { return v.err == nil }

// infohash is the key that the voice names, if any.
func (v voice) infohash() string {
	if !v.ok() || len(v.reply.keys.infohashes) == 0 {
		return ""
	}
	return v.reply.keys.infohashes[0]
}

func (r *Resolver) newAsking(ctx context.Context, host string) *asking {
	a := &asking{r: r, q: question(host), voices: make(chan voice, len(r.cfg.Servers))}
	a.ctx, a.cancel = context.WithCancel(ctx)
	return a
}

// next asks the next server, if there is one left, in a goroutine that Close waits for.
func (a *asking) next() bool {
	n := len(a.begun)
	if n == len(a.r.cfg.Servers) {
		return false
	}
	b := begun{a.r.cfg.Servers[n], time.Now()}
	a.begun = append(a.begun, b)
	q := a.q.Copy()
	a.r.flying.Go(func() {
		reply, err := a.r.ask(a.ctx, b.server, q)
		v := voice{b.server, reply, err, time.Since(b.at)}
		if a.ctx.Err() == nil || err == nil { // Whoever lost a race has done nothing wrong.
			a.r.health.note(v, a.r.now())
		}
		a.voices <- v
	})
	return true
}

// race asks the servers one after the other, the next one when the last has failed or taken longer than its head start,
// until one answers; the others are let go. Only an answer that would change what is known is compared with all others.
func (r *Resolver) race(ctx context.Context, host string, old stored) (Answer, error) {
	a := r.newAsking(ctx, host)
	defer a.cancel()
	timer := time.NewTimer(r.headStart)
	defer timer.Stop()
	for a.next(); len(a.heard) < len(a.begun); {
		select {
		case v := <-a.voices:
			a.heard = append(a.heard, v)
			if v.ok() {
				if old.known && v.infohash() != old.Infohash {
					a.rest(ctx)
				}
				return a.decide(host, old)
			}
			r.log.Info("resolve: a server does not answer", "server", v.server, "host", host, "error", v.err)
			if a.next() {
				timer.Reset(r.headStart)
			}
		case <-timer.C:
			if a.next() {
				timer.Reset(r.headStart)
			}
		case <-ctx.Done():
			return Answer{}, interrupted(host, ctx.Err())
		}
	}
	return a.decide(host, old)
}

// poll asks all servers at once and waits for all of them.
func (r *Resolver) poll(ctx context.Context, host string, old stored) (Answer, error) {
	a := r.newAsking(ctx, host)
	defer a.cancel()
	a.rest(ctx)
	// Who is first is chance here; the order in which a person named them is not.
	slices.SortStableFunc(a.heard, func(x, y voice) int {
		return slices.Index(r.cfg.Servers, x.server) - slices.Index(r.cfg.Servers, y.server)
	})
	return a.decide(host, old)
}

// rest hears all servers.
func (a *asking) rest(ctx context.Context) {
	for a.next() {
		continue
	}
	for len(a.heard) < len(a.begun) {
		select {
		case v := <-a.voices:
			a.heard = append(a.heard, v)
		case <-ctx.Done():
			return
		}
	}
}

// decide makes one answer of what was heard. The first key counts, with one exception: nobody is led back to an infohash
// of former days, or to none, while another server still says what is known: such an answer is old, or a lie.
func (a *asking) decide(host string, old stored) (Answer, error) {
	chosen := -1
	var failures []failure
	for i, v := range a.heard {
		switch {
		case !v.ok():
			failures = append(failures, failure{v.server, v.err})
		case chosen < 0 || a.heard[chosen].infohash() == "" && v.infohash() != "":
			chosen = i
		}
	}
	if chosen < 0 {
		return Answer{Host: host, At: a.r.now(), Asked: a.asked()}, unavailable(host, failures)
	}
	if got := a.heard[chosen].infohash(); old.known && got != old.Infohash && (got == "" || hasHad(old.versions, got)) {
		if i := slices.IndexFunc(a.heard, func(v voice) bool { return v.infohash() == old.Infohash }); i >= 0 {
			chosen = i
		}
	}
	v := a.heard[chosen]
	answer, err := a.r.judge(host, v.server, v.reply)
	answer.Asked = a.asked()
	if w := a.disagreement(v); w != "" {
		answer.Warnings = append(answer.Warnings, w)
	}
	return answer, err
}

// disagreement says who says something else than the voice that was chosen.
func (a *asking) disagreement(chosen voice) string {
	for _, v := range a.heard {
		if v.ok() && v.infohash() != chosen.infohash() {
			return disagree(chosen, v)
		}
	}
	return ""
}

// asked tells the story of the round.
func (a *asking) asked() []engine.Asked {
	asked := make([]engine.Asked, len(a.begun))
	for i, b := range a.begun {
		asked[i] = engine.Asked{URL: engine.Clean(b.server), Took: int64(time.Since(b.at))}
		for _, v := range a.heard {
			if v.server != b.server {
				continue
			}
			asked[i].Took, asked[i].Infohash = int64(v.took), v.infohash()
			if v.err != nil {
				asked[i].Error = engine.Clean(v.err.Error())
			}
		}
	}
	return asked
}
