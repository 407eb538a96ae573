package resolve

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// failure is why one server gave no answer.
type failure struct {
	server string
	err    error
}

// errUnsettled says that servers contradict each other, and none of them counts.
var errUnsettled = errors.New("resolvers disagree")

// errMissing says that there is no such name, and hence no host of that name either.
var errMissing = errors.New("NXDOMAIN")

func fail(host string, kind engine.Kind, msg string) *engine.Error {
	return &engine.Error{Op: "resolve", Host: host, Kind: kind, Msg: msg}
}

func notDomain(host string) error {
	return fail("", engine.Invalid, engine.Clean(host)+" is not a domain in lower-case A-labels: only those have TXT records")
}

func interrupted(host string, err error) error {
	return &engine.Error{Op: "resolve", Host: host, Kind: engine.Unavailable, Msg: "looking up " + host + " was interrupted: try again", Err: err}
}

// noKey says what a name has instead of a key, and what its owner has to do.
func noKey(host string, r reply) error {
	toAdd := "@ TXT wtpkey=<infohash> (@ stands for " + host + ")"
	switch {
	case r.missing && r.alias != "":
		err := fail(host, engine.NotFound, host+" is an alias (CNAME) of "+r.alias+", and there is no such name: its owner has to correct that")
		err.Err = errMissing
		return err
	case r.missing:
		err := fail(host, engine.NotFound, "there is no domain "+host+": check its spelling; its owner has to add  "+toAdd)
		err.Err = errMissing
		return err
	case r.keys.malformed != nil:
		m := r.keys.malformed
		return fail(host, engine.NotFound, host+" has "+m.what+" ("+m.why+`, in "`+clip(m.shown, 2*maxShown)+`"): its owner has to correct it to  `+toAdd)
	case len(r.keys.others) == 0 && r.alias != "":
		return fail(host, engine.NotFound, host+" is an alias (CNAME) of "+r.alias+", which has no TXT record: its owner has to add, there,  @ TXT wtpkey=<infohash>")
	case len(r.keys.others) == 0:
		return fail(host, engine.NotFound, host+" has no TXT record: its owner has to add  "+toAdd)
	}
	return fail(host, engine.NotFound, host+" has no wtpkey among its TXT records"+found(r.keys.others)+": its owner has to add  "+toAdd)
}

// maxShown is how much of a string is shown, in runes.
const maxShown = 48

// found shows the first few strings of a name, in parentheses.
func found(others []string) string {
	const shown = 3
	var parts []string
	for _, s := range others[:min(len(others), shown)] {
		parts = append(parts, `"`+clip(s, maxShown)+`"`)
	}
	if more := len(others) - shown; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// unavailable says of each server why it gave no answer, and whose fault that is.
func unavailable(host string, failures []failure) error {
	if len(failures) == 0 {
		return fail(host, engine.Unavailable, "no resolver is configured: give one with --doh")
	}
	var errs []error
	broken, blocked := false, false
	for _, f := range failures {
		errs = append(errs, fmt.Errorf("%s: %w", f.server, f.err))
		var fault *nameFault
		if errors.As(f.err, &fault) {
			broken, blocked = broken || !fault.blocked, blocked || fault.blocked
		}
	}
	who := " (" + grouped(failures) + ")"
	msg := "no resolver answers for " + host + who + ": check the network, or choose another resolver with --doh"
	switch {
	case cause.NoNetwork(errors.Join(errs...)):
		msg = host + " cannot be looked up: this machine has no network. It is looked up again by itself once there is one"
	case broken:
		msg = "the DNS of " + host + " is broken" + who + ": its owner has to mend it"
	case blocked:
		msg = host + " is blocked" + who + ": choose another resolver with --doh"
	}
	return &engine.Error{Op: "resolve", Host: host, Kind: engine.Unavailable, Msg: msg, Err: errors.Join(errs...)}
}

// grouped names the servers and why each gave no answer: each cause once, behind all whose cause it is.
func grouped(failures []failure) string {
	var causes []string
	servers := map[string][]string{}
	for _, f := range failures {
		why := engine.Clean(f.err.Error())
		if servers[why] == nil {
			causes = append(causes, why)
		}
		servers[why] = append(servers[why], name(f.server))
	}
	parts := make([]string, len(causes))
	for i, why := range causes {
		parts[i] = strings.Join(servers[why], ", ") + ": " + why
	}
	return strings.Join(parts, "; ")
}

// name shortens a server's URL for a person.
func name(server string) string {
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return engine.Clean(u.Host)
	}
	return engine.Clean(server)
}

func ambiguous(infohashes []string) string {
	return fmt.Sprintf("the domain names %d different infohashes, of which the first counts: %s", len(infohashes), strings.Join(infohashes[:2], " and then "))
}

func stale(a Answer, err error) string {
	return "the answer of " + a.At.UTC().Format("2006-01-02 15:04") + " UTC is used, because " + engine.Message(err)
}

// says names a server and what it says.
func (v response) says() string {
	if h := v.infohash(); h != "" {
		return name(v.server) + " says " + h
	}
	return name(v.server) + " finds no key"
}

// disagree names two servers that do not say the same.
func disagree(chosen, other response) string {
	return "resolvers disagree: " + chosen.says() + ", which counts, but " + other.says() + ": a change is still spreading, or one of them is wrong"
}

// unsettled says that no two servers say the same, and none says what is known.
func unsettled(host string, answers []response) error {
	err := fail(host, engine.Unavailable, "resolvers disagree about "+host+": "+answers[0].says()+", but "+answers[1].says()+
		": what two of them say will count")
	err.Err = errUnsettled
	return err
}
