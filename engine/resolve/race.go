package resolve

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// query is one question that is put to several servers.
type query struct {
	r         *Resolver
	msg       *dns.Msg
	cancel    context.CancelFunc
	ctx       context.Context
	attempts  []attempt // in the order in which the servers were asked
	arriving  chan response
	responses []response // in the order in which they came
}

type attempt struct {
	server string
	at     time.Time
}

// response is what one server said.
type response struct {
	server string
	reply  reply
	err    error
	took   time.Duration
}

// ok says that the response is an answer, even if that is that there is no key.
func (v response) ok() bool { return v.err == nil }

// vote is what a response is compared by: the public key that it names, or else the infohash; empty if it has neither.
func (v response) vote() string {
	if v.ok() && v.reply.keys.named() != "" {
		return v.reply.keys.named()
	}
	return v.infohash()
}

// vote is what a response would have that says what is known.
func (s stored) vote() string { return cmp.Or(s.Key, s.Infohash) }

// infohash is the key that the response names, if any.
func (v response) infohash() string {
	if !v.ok() || len(v.reply.keys.infohashes) == 0 {
		return ""
	}
	return v.reply.keys.infohashes[0]
}

func (r *Resolver) newQuery(ctx context.Context, host string) *query {
	q := &query{r: r, msg: question(host), arriving: make(chan response, len(r.cfg.Servers))}
	q.ctx, q.cancel = context.WithCancel(ctx)
	return q
}

// next asks the next server, if there is one left, in a goroutine that Close waits for.
func (q *query) next() bool {
	n := len(q.attempts)
	if n == len(q.r.cfg.Servers) {
		return false
	}
	a := attempt{q.r.cfg.Servers[n], time.Now()}
	q.attempts = append(q.attempts, a)
	msg := q.msg.Copy()
	q.r.flying.Go(func() {
		reply, err := q.r.client.ask(q.ctx, a.server, msg)
		v := response{a.server, reply, err, time.Since(a.at)}
		if q.ctx.Err() == nil || err == nil { // Whoever lost a race has done nothing wrong.
			q.r.health.observe(v, a.at)
		}
		q.arriving <- v
	})
	return true
}

// race asks the servers one after the other, the next one when the last has failed or taken longer than its head start,
// until one of them has said what can count; the others are let go. When one says what would change what is known, or
// that there is no key, all others are asked at once.
func (r *Resolver) race(ctx context.Context, host string, old stored) (Answer, error) {
	q := r.newQuery(ctx, host)
	defer q.cancel()
	timer := time.NewTimer(r.headStart)
	defer timer.Stop()
	for q.next(); len(q.responses) < len(q.attempts); {
		select {
		case v := <-q.arriving:
			q.responses = append(q.responses, v)
			switch {
			case q.settled(old):
				return q.decide(host, old)
			case v.ok():
				q.askAll()
			default:
				r.log.Info("resolve: a server gives no answer", "server", v.server, "host", host, "error", v.err)
				if q.next() {
					timer.Reset(r.headStart)
				}
			}
		case <-timer.C:
			if q.next() {
				timer.Reset(r.headStart)
			}
		case <-ctx.Done():
			return Answer{}, interrupted(host, ctx.Err())
		}
	}
	return q.decide(host, old)
}

// settled reports whether what has been heard counts, whatever others would say. The first key of a name that has never
// been seen does, and so does that it has none when two servers say so. Of a name that is known, what is known does
// when it is the first answer; before anything else counts, all servers are heard.
func (q *query) settled(old stored) bool {
	said := map[string]int{}
	answers := 0
	for _, v := range q.responses {
		if v.ok() {
			said[v.vote()]++
			answers++
		}
	}
	if old.known {
		return answers == 1 && said[old.vote()] == 1
	}
	return answers > said[""] || said[""] > 1
}

// poll asks all servers at once and waits for all of them.
func (r *Resolver) poll(ctx context.Context, host string, old stored) (Answer, error) {
	q := r.newQuery(ctx, host)
	defer q.cancel()
	q.askAll()
	for len(q.responses) < len(q.attempts) {
		select {
		case v := <-q.arriving:
			q.responses = append(q.responses, v)
		case <-ctx.Done():
			return Answer{}, interrupted(host, ctx.Err())
		}
	}
	// Who is first is chance here; the order in which a person named them is not.
	slices.SortStableFunc(q.responses, func(x, y response) int {
		return slices.Index(r.cfg.Servers, x.server) - slices.Index(r.cfg.Servers, y.server)
	})
	return q.decide(host, old)
}

func (q *query) askAll() {
	for q.next() {
		continue
	}
}

// decide makes one answer of what was heard.
func (q *query) decide(host string, old stored) (Answer, error) {
	var answers []response
	var failures []failure
	for _, v := range q.responses {
		if v.ok() {
			answers = append(answers, v)
		} else {
			failures = append(failures, failure{v.server, v.err})
		}
	}
	nothing := Answer{Host: host, At: q.r.now(), Asked: q.asked()}
	if len(answers) == 0 {
		return nothing, unavailable(host, failures)
	}
	chosen := first(answers)
	if old.known {
		if chosen = choose(answers, old); chosen < 0 {
			return nothing, unsettled(host, answers)
		}
	}
	v := answers[chosen]
	answer, err := q.r.judge(host, v.server, v.reply)
	answer.Asked = q.asked()
	for _, other := range answers {
		if other.vote() != v.vote() {
			answer.Warnings = append(answer.Warnings, disagree(v, other))
			break
		}
	}
	return answer, err
}

// first returns the answer that counts for a name that has never been seen: the first key, if there is one.
func first(answers []response) int {
	if i := slices.IndexFunc(answers, func(v response) bool { return v.vote() != "" }); i >= 0 {
		return i
	}
	return miss(answers)
}

// choose returns the answer that counts for a name that is known; -1 when none does, and what is known is kept. What
// differs from that counts when a second server says the same, or when no other has answered. And nobody is led back to
// an infohash of former days, or to none, while another server still says what is known: such an answer is old, or a
// lie.
func choose(answers []response, old stored) int {
	votes := map[string]int{}
	for _, v := range answers {
		votes[v.vote()]++
	}
	counts := func(infohash string) bool { return votes[infohash] > 1 || len(answers) == 1 }
	current := slices.IndexFunc(answers, func(v response) bool { return v.vote() == old.vote() })
	fresh := slices.IndexFunc(answers, func(v response) bool {
		h := v.vote()
		return h != "" && h != old.vote() && counts(h) && (current < 0 || !hasHad(old.versions, h))
	})
	switch {
	case fresh >= 0:
		return fresh
	case current >= 0:
		return current
	case counts(""):
		return miss(answers)
	}
	return -1
}

// miss returns the answer to go by when there is no key: rather that the name has none than that there is no such name.
func miss(answers []response) int {
	if i := slices.IndexFunc(answers, func(v response) bool { return v.vote() == "" && !v.reply.missing }); i >= 0 {
		return i
	}
	return slices.IndexFunc(answers, func(v response) bool { return v.vote() == "" })
}

// asked tells the story of the query.
func (q *query) asked() []engine.Asked {
	asked := make([]engine.Asked, len(q.attempts))
	for i, a := range q.attempts {
		asked[i] = engine.Asked{URL: engine.Clean(a.server), Took: int64(time.Since(a.at))}
		for _, v := range q.responses {
			if v.server != a.server {
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
