package doctor

import (
	"errors"
	"net"
	"slices"

	"wtptui/engine/cause"
)

// network is the check that comes first if all others that contact servers fail for one reason.
const network = "network"

// probeChecks contact servers elsewhere. derivedChecks draw conclusions from their results.
var (
	probeChecks   = []string{"STUN", "tracker", "resolver", "relay"}
	derivedChecks = []string{"NAT", "WebRTC", "clock"}
)

// groupByCause puts the cause for which no server can be reached in front of all findings, and marks those that follow
// from it. If any server has answered, or if there are several causes, the findings stay as they are.
func groupByCause(found []Finding) []Finding {
	var errs []error
	for _, f := range found {
		switch {
		case !slices.Contains(probeChecks, f.Check):
		case f.Status == OK:
			return found
		case f.err != nil:
			errs = append(errs, f.err)
		}
	}
	root := Finding{Status: Fail, Check: network, Do: "connect it, and look again; sites that are here open all the same"}
	dependents := derivedChecks
	switch {
	case len(errs) > 1 && !slices.ContainsFunc(errs, func(err error) bool { return !cause.IsNoNetwork(err) }):
		root.Found, dependents = "this machine has no network", append(slices.Clone(derivedChecks), "router", "DHT")
	case len(errs) > 1 && !slices.ContainsFunc(errs, func(err error) bool { return !isLookupFailure(err) }):
		root.Found = "this machine's DNS does not answer: no server can be found by its name"
		root.Do = "check the network and its DNS, and look again"
	case allNamesNotFound(errs):
		root.Found = "this machine's DNS knows none of the servers by name"
		root.Do = "check the network and its DNS, and look again"
	default:
		return found
	}
	for i := range found {
		f := &found[i]
		follows := slices.Contains(dependents, f.Check) || slices.Contains(dependents, f.FollowsFrom)
		if f.Status != OK && (follows || slices.Contains(probeChecks, f.Check) && f.Subject != "") {
			f.FollowsFrom = network
		}
	}
	return append([]Finding{root}, found...)
}

// isLookupFailure reports whether a server was not found because no DNS server answered.
func isLookupFailure(err error) bool {
	var name *net.DNSError
	return errors.As(err, &name) && !name.IsNotFound
}

// allNamesNotFound reports whether all errors are of names that do not exist, and of at least two names. One name may
// be misspelt; several hardly are.
func allNamesNotFound(errs []error) bool {
	names := map[string]bool{}
	for _, err := range errs {
		var name *net.DNSError
		if !errors.As(err, &name) || !name.IsNotFound {
			return false
		}
		names[name.Name] = true
	}
	return len(names) > 1
}
