package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Candidate is a site that FindHost may return.
type Candidate struct{ Host, Infohash, Title string }

// Candidates returns the sites as candidates.
func Candidates(sites []Site) []Candidate {
	found := make([]Candidate, len(sites))
	for i, s := range sites {
		found[i] = Candidate{Host: s.Host, Infohash: s.Infohash, Title: s.Title}
	}
	return found
}

// BinCandidates returns the sites in the bin as candidates.
func BinCandidates(binned []Binned) []Candidate {
	found := make([]Candidate, len(binned))
	for i, b := range binned {
		found[i] = Candidate{Host: b.Host, Infohash: b.Infohash, Title: b.Title}
	}
	return found
}

// FindHost returns the host of the one candidate that a name stands for. In this order, that is the site with this
// address in any of its forms (see ParseKnownAddress), the one with this title regardless of case, and the one whose
// host or infohash begins with the name. A complete address never stands for a longer one: if no candidate has it, its
// host is returned as it is. Kind Invalid if there are several, with a message that lists them; NotFound if there is
// none.
func FindHost(name string, all []Candidate) (string, error) {
	addr, addrErr := ParseKnownAddress(name)
	switch {
	case addrErr == nil && addr.OriginLabel != "":
		return findLabel(addr.OriginLabel, all)
	case addrErr == nil && addr.Host != "":
		known := slices.ContainsFunc(all, func(c Candidate) bool { return c.Host == addr.Host })
		if known || isCompleteAddress(name, addr.Host) {
			return addr.Host, nil
		}
	}
	for _, means := range []func(Candidate) bool{titleMatches(name), prefixMatches(name)} {
		switch found := filterCandidates(all, means); len(found) {
		case 0:
		case 1:
			return found[0].Host, nil
		default:
			return "", &Error{
				Op: "find", Kind: Invalid, Msg: fmt.Sprintf("%q may be %s: give more of it", Clean(name), listCandidates(found)),
			}
		}
	}
	switch {
	case addrErr == nil && addr.Host != "":
		return addr.Host, nil
	case hasAddressSyntax(name), !IsPossibleName(name):
		return "", addrErr
	}
	return "", &Error{
		Op: "find", Kind: NotFound,
		Msg: fmt.Sprintf(
			"no site has the address or the title %q, or an address that begins so: `wtptui ls` lists them", Clean(name),
		),
	}
}

// IsPossibleName reports whether a text that is not an address can be a site's title or the beginning of an address.
func IsPossibleName(text string) bool {
	return strings.TrimSpace(text) != "" && !strings.Contains(text, "/") && len(text) <= MaxAddressLength &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

func findLabel(label string, all []Candidate) (string, error) {
	for _, c := range all {
		if OriginLabel(c.Host) == label {
			return c.Host, nil
		}
	}
	return "", &Error{Op: "find", Kind: NotFound, Msg: "no site has this local URL: see `wtptui ls`"}
}

// isCompleteAddress reports whether a name that is an address of host cannot be the beginning of another address.
func isCompleteAddress(name, host string) bool { return !IsDomain(host) || hasAddressSyntax(name) }

// hasAddressSyntax reports whether a name contains a character that only addresses have.
func hasAddressSyntax(name string) bool { return strings.ContainsAny(name, "/:@") }

// titleMatches returns a function that compares titles regardless of case and white space.
func titleMatches(name string) func(Candidate) bool {
	name = strings.Join(strings.Fields(name), " ")
	return func(c Candidate) bool {
		return name != "" && strings.EqualFold(strings.Join(strings.Fields(c.Title), " "), name)
	}
}

func prefixMatches(name string) func(Candidate) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return func(c Candidate) bool {
		return name != "" && (strings.HasPrefix(c.Host, name) || strings.HasPrefix(c.Infohash, name))
	}
}

func filterCandidates(all []Candidate, means func(Candidate) bool) (found []Candidate) {
	for _, c := range all {
		if means(c) {
			found = append(found, c)
		}
	}
	return found
}

// maxListed is the maximum number of candidates in an error.
const maxListed = 5

// listCandidates returns a list of candidates, each with its title: "a.example (A) or b.example (B)".
func listCandidates(found []Candidate) string {
	var names []string
	for _, c := range found[:min(len(found), maxListed)] {
		name := c.Host
		if c.Title != "" {
			name += " (" + Clean(c.Title) + ")"
		}
		names = append(names, name)
	}
	if more := len(found) - len(names); more > 0 {
		return fmt.Sprintf("%s or one of %d others", strings.Join(names, ", "), more)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
