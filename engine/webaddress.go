package engine

import (
	"errors"
	"strings"
)

// WTPURLFromWeb returns the wtp URL that corresponds to a web address, with its domain, path, query and fragment. It is
// a suggestion for a person who has pasted what a browser shows: a link must never be followed to another place than it
// names. It returns false for what is not an http or https URL, for a local URL, for a .torrent file, and if no site
// can have that name.
func WTPURLFromWeb(s string) (string, bool) {
	var web *webAddressError
	if _, err := ParseAddress(s); !errors.As(err, &web) {
		return "", false
	}
	return web.wtp, true
}

// ParseName returns the domain that a person gives as the name of a site: a domain, or its wtp URL without a path. Its
// errors are those of ParseAddress.
func ParseName(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		return ParseHost(strings.TrimSuffix(s, "/"))
	}
	if wtp, isWeb := WTPURLFromWeb(s); isWeb {
		a, err := ParseAddress(wtp)
		if err != nil {
			return "", err
		}
		return "", newWebAddressError("https://" + a.Host)
	}
	a, err := ParseAddress(s)
	switch {
	case err != nil:
		return "", err
	case a.Host == "" || strings.Trim(a.Path, "/")+a.Query+a.Fragment != "":
		return "", addressError("a site's name is a domain, and nothing else")
	}
	return a.Host, nil
}

// webAddressError holds the wtp URL that corresponds to a web address.
type webAddressError struct{ wtp string }

func (e *webAddressError) Error() string { return "a web address" }

// newWebAddressError returns an error with the wtp URL that corresponds to a web address, or the reason why there is
// none.
func newWebAddressError(s string) error {
	scheme, rest, _ := strings.Cut(s, "://")
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	path, _, _ := strings.Cut(tail, "#")
	path, _, _ = strings.Cut(path, "?")
	if strings.HasSuffix(strings.ToLower(path), ".torrent") {
		return addressError("that is a .torrent file on the web: download it, and give the path of the file")
	}
	port := ":443"
	if strings.EqualFold(scheme, "http") {
		port = ":80"
	}
	a, err := parseURL(strings.TrimSuffix(authority, port) + tail)
	if err == nil {
		err = CheckSpecialUse(a.Host)
	}
	if err != nil {
		return err
	}
	wtp := a.String()
	return &Error{
		Op: "address", Kind: Invalid, Msg: "that is a web address; as a wtp site it would be " + wtp,
		Err: &webAddressError{wtp},
	}
}
