package doctor

import (
	"errors"
	"net"
	"slices"

	"wtptui/engine/cause"
)

// network is the check that is told first if all of the others that leave this machine fail for one reason.
const network = "network"

// probed are the checks that ask servers elsewhere, and concluded those that say what follows from their answers.
var (
	probed    = []string{"STUN", "tracker", "resolver", "relay"}
	concluded = []string{"NAT", "WebRTC", "clock"}
)

// withRoot puts the one reason for which nothing outside of this machine can be reached in front of all findings, and
// says of each that only follows from it that it does. Where anything has answered, or there are several reasons, the
// findings stay as they are.
func withRoot(found []Finding) []Finding {
	var errs []error
	for _, f := range found {
		switch {
		case !slices.Contains(probed, f.Check):
		case f.Status == OK:
			return found
		case f.err != nil:
			errs = append(errs, f.err)
		}
	}
	root := Finding{Status: Fail, Check: network, Do: "connect it, and look again; sites that are here open all the same"}
	follow := concluded
	switch {
	case len(errs) > 1 && !slices.ContainsFunc(errs, func(err error) bool { return !cause.IsNoNetwork(err) }):
		root.Found, follow = "this machine has no network", append(slices.Clone(concluded), "router", "DHT")
	case len(errs) > 1 && !slices.ContainsFunc(errs, func(err error) bool { return !isUnnamed(err) }):
		root.Found = "this machine's DNS does not answer: no server can be found by its name"
		root.Do = "check the network and its DNS, and look again"
	case allUnknown(errs):
		root.Found = "this machine's DNS knows none of the servers by name"
		root.Do = "check the network and its DNS, and look again"
	default:
		return found
	}
	for i := range found {
		f := &found[i]
		follows := slices.Contains(follow, f.Check) || slices.Contains(follow, f.FollowsFrom)
		if f.Status != OK && (follows || slices.Contains(probed, f.Check) && f.Subject != "") {
			f.FollowsFrom = network
		}
	}
	return append([]Finding{root}, found...)
}

// isUnnamed reports whether a server was not found since nobody could say what its name stands for.
func isUnnamed(err error) bool {
	var name *net.DNSError
	return errors.As(err, &name) && !name.IsNotFound
}

// allUnknown reports whether the DNS has said of several names, and of nothing but these, that there are none such. One
// may be misspelt; of several that is not likely.
func allUnknown(errs []error) bool {
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
