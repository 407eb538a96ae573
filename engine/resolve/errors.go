package resolve

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// failure is the reason why one server returned no answer.
type failure struct {
	server string
	err    error
}

// errDisagree means that servers contradict each other, and none of them counts.
var errDisagree = errors.New("resolvers disagree")

// errNoSuchName means that the name does not exist, hence no web server of that name either.
var errNoSuchName = errors.New("NXDOMAIN")

func newError(host string, kind engine.Kind, msg string) *engine.Error {
	return &engine.Error{Op: "resolve", Host: host, Kind: kind, Msg: msg}
}

func notDomainError(host string) error {
	return newError(
		"", engine.Invalid, engine.Clean(host)+" is not a domain in lower-case A-labels: only those have TXT records",
	)
}

func interruptedError(host string, err error) error {
	return &engine.Error{
		Op: "resolve", Host: host, Kind: engine.Unavailable, Msg: "looking up " + host + " was interrupted: try again",
		Err: err,
	}
}

// noKeyError describes what a name has instead of a key, and what its owner has to do.
func noKeyError(host string, r reply) error {
	toAdd := "@ TXT wtpkey=<infohash> (@ stands for " + host + ")"
	switch {
	case r.missing && r.alias != "":
		err := newError(
			host, engine.NotFound,
			host+" is an alias (CNAME) of "+r.alias+", and there is no such name: its owner has to correct that",
		)
		err.Err = errNoSuchName
		return err
	case r.missing:
		err := newError(
			host, engine.NotFound, "there is no domain "+host+": check its spelling; its owner has to add  "+toAdd,
		)
		err.Err = errNoSuchName
		return err
	case r.keys.malformed != nil:
		m := r.keys.malformed
		return newError(
			host, engine.NotFound,
			host+" has "+m.what+" ("+m.why+`, in "`+truncate(m.shown, 2*maxShown)+`"): its owner has to correct it to  `+toAdd,
		)
	case len(r.keys.others) == 0 && r.alias != "":
		return newError(
			host, engine.NotFound,
			host+" is an alias (CNAME) of "+r.alias+", which has no TXT record: "+
				"its owner has to add, there,  @ TXT wtpkey=<infohash>",
		)
	case len(r.keys.others) == 0:
		return newError(host, engine.NotFound, host+" has no TXT record: its owner has to add  "+toAdd)
	}
	return newError(
		host, engine.NotFound,
		host+" has no wtpkey among its TXT records"+quoteFound(r.keys.others)+": its owner has to add  "+toAdd,
	)
}

// maxShown is how much of a string is shown, in runes.
const maxShown = 48

// quoteFound returns the first few strings of a name, quoted and in parentheses.
func quoteFound(others []string) string {
	const shown = 3
	var parts []string
	for _, s := range others[:min(len(others), shown)] {
		parts = append(parts, `"`+truncate(s, maxShown)+`"`)
	}
	if more := len(others) - shown; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// unavailableError describes why each server returned no answer, and whether the domain or the servers are at fault.
func unavailableError(host string, failures []failure) error {
	if len(failures) == 0 {
		return newError(host, engine.Unavailable, "no resolver is configured: give one with --doh")
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
	who := " (" + groupByCause(failures) + ")"
	msg := "no resolver answers for " + host + who + ": check the network, or choose another resolver with --doh"
	switch {
	case cause.IsNoNetwork(errors.Join(errs...)):
		msg = host + " cannot be looked up: this machine has no network. It is looked up again by itself once there is one"
	case broken:
		msg = "the DNS of " + host + " is broken" + who + ": its owner has to mend it"
	case blocked:
		msg = host + " is blocked" + who + ": choose another resolver with --doh"
	}
	return &engine.Error{Op: "resolve", Host: host, Kind: engine.Unavailable, Msg: msg, Err: errors.Join(errs...)}
}

// groupByCause lists the servers that failed, grouped by the reason.
func groupByCause(failures []failure) string {
	var causes []string
	servers := map[string][]string{}
	for _, f := range failures {
		why := engine.Clean(f.err.Error())
		if servers[why] == nil {
			causes = append(causes, why)
		}
		servers[why] = append(servers[why], serverName(f.server))
	}
	parts := make([]string, len(causes))
	for i, why := range causes {
		parts[i] = strings.Join(servers[why], ", ") + ": " + why
	}
	return strings.Join(parts, "; ")
}

// serverName returns the host of a server's URL, for a person.
func serverName(server string) string {
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		return engine.Clean(u.Host)
	}
	return engine.Clean(server)
}

func ambiguousWarning(infohashes []string) string {
	return fmt.Sprintf("the domain names %d different infohashes, of which the first counts: %s", len(infohashes),
		strings.Join(infohashes[:2], " and then "))
}

func staleWarning(a Answer, err error) string {
	return "the answer of " + a.At.UTC().Format("2006-01-02 15:04") + " UTC is used, because " + engine.Message(err)
}

// describe returns the server's name and what it says.
func (r response) describe() string {
	if h := r.infohash(); h != "" {
		return serverName(r.server) + " says " + h
	}
	return serverName(r.server) + " finds no key"
}

// disagreeWarning describes two responses that differ.
func disagreeWarning(chosen, other response) string {
	return "resolvers disagree: " + chosen.describe() + ", which counts, but " + other.describe() +
		": a change is still spreading, or one of them is wrong"
}

// disagreeError describes that no two servers agree, and none confirms the known answer.
func disagreeError(host string, answers []response) error {
	err := newError(
		host, engine.Unavailable,
		"resolvers disagree about "+host+": "+answers[0].describe()+", but "+answers[1].describe()+
			": what two of them say will count",
	)
	err.Err = errDisagree
	return err
}
