package localserve

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/files"
	"wtptui/localserve/pages"
)

// siteOrigin is the origin of a site on this server, and what others are from there; it implements files.Origin.
type siteOrigin struct {
	target
	srv  *Server
	host string
}

// Root implements files.Origin.
func (o siteOrigin) Root() string { return origin(o.label+".localhost", o.port) }

// RootOf implements files.Origin. A hashed label (see engine.Label) of another site is left to the bare host's redirect,
// which remembers it.
func (o siteOrigin) RootOf(host string) (root string, ok bool) {
	label := engine.Label(host)
	if _, reversible := engine.HostOfLabel(label); !reversible {
		return origin("localhost", o.port) + "/wtp/" + host, true
	}
	return origin(label+".localhost", o.port), true
}

// Mark implements files.Origin: a label leads to the same site for ever.
func (siteOrigin) Mark() string { return "" }

// Confine implements files.Origin.
func (o siteOrigin) Confine(h http.Header) { withoutClearnet(h, o.port) }

// Lead implements files.Origin: it takes wtp addresses, and those of this server.
func (o siteOrigin) Lead(a *files.Answer, r *http.Request, status int, to *url.URL) bool {
	if to.Scheme != "wtp" && !o.isHere(to) {
		return false
	}
	o.leadToSite(a, r, status, to.String())
	return true
}

// isHere reports whether a browser may find this server at an address of the Web: many spellings are its numbers.
func (o siteOrigin) isHere(to *url.URL) bool {
	port, err := strconv.Atoi(cmp.Or(to.Port(), "80"))
	if err != nil || to.Scheme != "http" || strconv.Itoa(port) != o.port {
		return false
	}
	host := strings.TrimRight(to.Hostname(), ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	numeric := last != "" && last[0] >= '0' && last[0] <= '9' || strings.Contains(host, ":")
	return numeric || strings.EqualFold(last, "localhost") || !isASCII(host)
}

// leadToSite sends the browser to a site, by its wtp address or a local one. Another one that is not open yet is left
// to the person, as if any page had led there: with a redirect, the browser would ask in the person's name.
func (o siteOrigin) leadToSite(a *files.Answer, r *http.Request, status int, address string) {
	to, err := engine.ParseAddress(address)
	if err != nil {
		o.srv.pages.FailSite(a, r, o.host, pages.Failure{
			Status: http.StatusBadGateway, Title: "Led nowhere", Text: engine.Message(err),
		})
		return
	}
	label := to.Label
	if label == "" {
		label = engine.Label(to.Host)
	}
	location := to.Resolve(origin(label+".localhost", o.port))
	host, known := o.srv.cfg.Opener.Host(label)
	switch {
	case to.Host == "":
		to.Host = cmp.Or(host, o.srv.hashed.host(label))
	case host == "":
		o.srv.hashed.remember(label, to.Host)
	}
	if known || to.Host == o.host || to.Host == "" { // With a label that is nobody's, nothing is opened.
		files.RedirectTo(a, status, location)
		return
	}
	o.srv.confirmOther(a, r, to.Host, location)
}

func isASCII(s string) bool {
	_, ok := lowerASCII(s)
	return ok
}
