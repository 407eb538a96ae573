package engine

import (
	"cmp"
	"slices"
	"strings"
)

// Home is a domain on which this engine serves one site to any browser, over public HTTP. Which homes there are is
// configured where the engine starts (`wtptui serve --home NAME=SITE`).
type Home struct {
	// Name is the domain as lower-case A-labels.
	Name string `json:"name"`
	// URL is the root that anybody opens, "https://NAME/".
	URL string `json:"url"`
	// Host is the Site.Host of the site that is served there.
	Host string `json:"host"`
	// Off says that a person has taken the site off: visitors get 410 Gone, and their browsers forget all of it.
	Off bool `json:"off"`
	// Requests is how many requests were answered over HTTP in this run, and Bytes how many bytes of bodies were sent.
	Requests int64 `json:"requests"`
	Bytes    int64 `json:"bytes"`
	// Uploaded is how many bytes of the site's content peers got from here in this run.
	Uploaded int64 `json:"uploaded"`
}

// HomeOf returns the home of a site; false if it has none. Of several it is one that is on, if there is one.
func (s Status) HomeOf(host string) (Home, bool) {
	var found Home
	ok := false
	for _, h := range s.Homes {
		if h.Host == host && (!ok || found.Off && !h.Off) {
			found, ok = h, true
		}
	}
	return found, ok
}

// SortHomes sorts homes by name, as Status has them.
func SortHomes(homes []Home) {
	slices.SortFunc(homes, func(a, b Home) int { return cmp.Compare(a.Name, b.Name) })
}

// FindHome returns the index of the home that a person names, with capitals and Unicode as they like. Every Engine asks
// it. Kind NotFound if there is none of that name; the message says which there are.
func FindHome(op, name string, homes []Home) (int, error) {
	known := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if host, err := ParseKnownHost(known); err == nil {
		known = host
	}
	names := make([]string, len(homes))
	for i, h := range homes {
		if h.Name == known {
			return i, nil
		}
		names[i] = h.Name
	}
	msg := Clean(name) + " is not a home of this engine: "
	switch len(names) {
	case 0:
		msg += "it has none. `wtptui serve --home NAME=SITE` gives it one"
	case 1:
		msg += "its only one is " + names[0] + ". `wtptui serve --home NAME=SITE` gives it more"
	default:
		slices.Sort(names)
		msg += "its homes are " + strings.Join(names, ", ") + ". `wtptui serve --home NAME=SITE` gives it more"
	}
	return -1, &Error{Op: op, Kind: NotFound, Msg: msg}
}
