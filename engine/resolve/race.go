package resolve

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// query is one query that is sent to several servers.
type query struct {
	r         *Resolver
	msg       *dns.Msg
	cancel    context.CancelFunc
	ctx       context.Context
	attempts  []attempt // in the order in which they were started
	incoming  chan response
	responses []response // in the order in which they came
}

type attempt struct {
	server string
	at     time.Time
}

// response is the result of querying one server.
type response struct {
	server string
	reply  reply
	err    error
	took   time.Duration
}

// ok reports whether the server has answered, even if there is no key.
func (r response) ok() bool { return r.err == nil }

// vote returns what responses are compared by: the public key that it names, or else the infohash; empty if it has
// neither.
func (r response) vote() string {
	if r.ok() && r.reply.keys.publicKey() != "" {
		return r.reply.keys.publicKey()
	}
	return r.infohash()
}

// vote returns the vote of a response that confirms the stored answer.
func (s storedAnswer) vote() string { return cmp.Or(s.Key, s.Infohash) }

// infohash returns the infohash that the response names; empty if none.
func (r response) infohash() string {
	if !r.ok() || len(r.reply.keys.infohashes) == 0 {
		return ""
	}
	return r.reply.keys.infohashes[0]
}

func (r *Resolver) newQuery(ctx context.Context, host string) *query {
	q := &query{r: r, msg: newTXTQuery(host), incoming: make(chan response, len(r.cfg.Servers))}
	q.ctx, q.cancel = context.WithCancel(ctx)
	return q
}

// startNext queries the next server, if there is one left, in a goroutine that Close waits for. It reports whether
// there was one.
func (q *query) startNext() bool {
	n := len(q.attempts)
	if n == len(q.r.cfg.Servers) {
		return false
	}
	a := attempt{q.r.cfg.Servers[n], time.Now()}
	q.attempts = append(q.attempts, a)
	msg := q.msg.Copy()
	q.r.background.Go(func() {
		reply, err := q.r.client.query(q.ctx, a.server, msg)
		resp := response{a.server, reply, err, time.Since(a.at)}
		if q.ctx.Err() == nil || err == nil { // Losing the race is not a failure.
			q.r.health.observe(resp, a.at)
		}
		q.incoming <- resp
	})
	return true
}

// race queries the servers one after the other, the next one when the last has failed or taken longer than its head
// start, until the responses settle the answer; the remaining queries are canceled. When a response differs from the
// stored answer, or has no key, all remaining servers are queried at once.
func (r *Resolver) race(ctx context.Context, host string, old storedAnswer) (Answer, error) {
	q := r.newQuery(ctx, host)
	defer q.cancel()
	timer := time.NewTimer(r.headStart)
	defer timer.Stop()
	for q.startNext(); len(q.responses) < len(q.attempts); {
		select {
		case resp := <-q.incoming:
			q.responses = append(q.responses, resp)
			switch {
			case q.isSettled(old):
				return q.decide(host, old)
			case resp.ok():
				q.startAll()
			default:
				r.log.Info("resolve: a server gives no answer", "server", resp.server, "host", host, "error", resp.err)
				if q.startNext() {
					timer.Reset(r.headStart)
				}
			}
		case <-timer.C:
			if q.startNext() {
				timer.Reset(r.headStart)
			}
		case <-ctx.Done():
			return Answer{}, interruptedError(host, ctx.Err())
		}
	}
	return q.decide(host, old)
}

// isSettled reports whether the responses so far decide, whatever the others would be. For a name that was never seen,
// the first key decides, and so do two servers that say that it has none. For a known name, the stored answer decides
// if the first answer confirms it; otherwise all servers have to respond.
func (q *query) isSettled(old storedAnswer) bool {
	votes := map[string]int{}
	answers := 0
	for _, resp := range q.responses {
		if resp.ok() {
			votes[resp.vote()]++
			answers++
		}
	}
	if old.known {
		return answers == 1 && votes[old.vote()] == 1
	}
	return answers > votes[""] || votes[""] > 1
}

// queryAll queries all servers at once and waits for all of them.
func (r *Resolver) queryAll(ctx context.Context, host string, old storedAnswer) (Answer, error) {
	q := r.newQuery(ctx, host)
	defer q.cancel()
	q.startAll()
	for len(q.responses) < len(q.attempts) {
		select {
		case resp := <-q.incoming:
			q.responses = append(q.responses, resp)
		case <-ctx.Done():
			return Answer{}, interruptedError(host, ctx.Err())
		}
	}
	// The order of arrival is chance; the configured order is not.
	slices.SortStableFunc(q.responses, func(x, y response) int {
		return slices.Index(r.cfg.Servers, x.server) - slices.Index(r.cfg.Servers, y.server)
	})
	return q.decide(host, old)
}

func (q *query) startAll() {
	for q.startNext() {
		continue
	}
}

// decide returns the answer that the responses lead to.
func (q *query) decide(host string, old storedAnswer) (Answer, error) {
	var answers []response
	var failures []failure
	for _, resp := range q.responses {
		if resp.ok() {
			answers = append(answers, resp)
		} else {
			failures = append(failures, failure{resp.server, resp.err})
		}
	}
	empty := Answer{Host: host, At: q.r.now(), Queried: q.askedServers()}
	if len(answers) == 0 {
		return empty, unavailableError(host, failures)
	}
	chosen := chooseForNewHost(answers)
	if old.known {
		if chosen = chooseForKnownHost(answers, old); chosen < 0 {
			return empty, disagreeError(host, answers)
		}
	}
	resp := answers[chosen]
	answer, err := q.r.newAnswer(host, resp.server, resp.reply)
	answer.Queried = q.askedServers()
	for _, other := range answers {
		if other.vote() != resp.vote() {
			answer.Warnings = append(answer.Warnings, disagreeWarning(resp, other))
			break
		}
	}
	return answer, err
}

// chooseForNewHost returns the index of the answer that counts for a name that was never seen: the first with a key,
// if there is one.
func chooseForNewHost(answers []response) int {
	if i := slices.IndexFunc(answers, func(r response) bool { return r.vote() != "" }); i >= 0 {
		return i
	}
	return chooseMiss(answers)
}

// chooseForKnownHost returns the index of the answer that counts for a name with a stored answer; -1 if none does, and
// the stored one stays. A different answer counts if a second server confirms it, or if no other has answered. An
// infohash that the name had before, or none, does not count while another server confirms the stored answer: such an
// answer is old, or forged.
func chooseForKnownHost(answers []response, old storedAnswer) int {
	votes := map[string]int{}
	for _, r := range answers {
		votes[r.vote()]++
	}
	counts := func(infohash string) bool { return votes[infohash] > 1 || len(answers) == 1 }
	current := slices.IndexFunc(answers, func(r response) bool { return r.vote() == old.vote() })
	fresh := slices.IndexFunc(answers, func(r response) bool {
		h := r.vote()
		return h != "" && h != old.vote() && counts(h) && (current < 0 || !hasInfohash(old.versions, h))
	})
	switch {
	case fresh >= 0:
		return fresh
	case current >= 0:
		return current
	case counts(""):
		return chooseMiss(answers)
	}
	return -1
}

// chooseMiss returns the index of the negative answer to use: preferably one for which the name exists.
func chooseMiss(answers []response) int {
	if i := slices.IndexFunc(answers, func(r response) bool { return r.vote() == "" && !r.reply.missing }); i >= 0 {
		return i
	}
	return slices.IndexFunc(answers, func(r response) bool { return r.vote() == "" })
}

// askedServers lists the attempts and their results.
func (q *query) askedServers() []engine.Asked {
	asked := make([]engine.Asked, len(q.attempts))
	for i, a := range q.attempts {
		asked[i] = engine.Asked{URL: engine.Clean(a.server), Took: int64(time.Since(a.at))}
		for _, resp := range q.responses {
			if resp.server != a.server {
				continue
			}
			asked[i].Took, asked[i].Infohash = int64(resp.took), resp.infohash()
			if resp.err != nil {
				asked[i].Error = engine.Clean(resp.err.Error())
			}
		}
	}
	return asked
}
