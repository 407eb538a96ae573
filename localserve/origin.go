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

// siteOrigin is the origin of a site on this server. It implements files.Origin.
type siteOrigin struct {
	requestTarget
	srv  *Server
	host string
}

// Root implements files.Origin.
func (o siteOrigin) Root() string { return originURL(o.label+".localhost", o.port) }

// SiteRoot implements files.Origin. For another site with a hashed label (see engine.OriginLabel) it returns a URL of
// the bare host, whose redirect stores the label's host.
func (o siteOrigin) SiteRoot(host string) (root string, ok bool) {
	label := engine.OriginLabel(host)
	if _, reversible := engine.HostFromOriginLabel(label); !reversible {
		return originURL("localhost", o.port) + "/wtp/" + host, true
	}
	return originURL(label+".localhost", o.port), true
}

// RootsVersion implements files.Origin: a label always belongs to the same site.
func (siteOrigin) RootsVersion() string { return "" }

// Confine implements files.Origin.
func (o siteOrigin) Confine(h http.Header) { denyClearnet(h, o.port) }

// Redirect implements files.Origin. It handles wtp addresses, and those of this server.
func (o siteOrigin) Redirect(resp *files.Response, r *http.Request, status int, to *url.URL) bool {
	if to.Scheme != "wtp" && !o.isThisServer(to) {
		return false
	}
	o.redirectToSite(resp, r, status, to.String())
	return true
}

// isThisServer reports whether a URL of the Web may lead to this server: its IP addresses have many forms.
func (o siteOrigin) isThisServer(to *url.URL) bool {
	port, err := strconv.Atoi(cmp.Or(to.Port(), "80"))
	if err != nil || to.Scheme != "http" || strconv.Itoa(port) != o.port {
		return false
	}
	host := strings.TrimRight(to.Hostname(), ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	numeric := last != "" && last[0] >= '0' && last[0] <= '9' || strings.Contains(host, ":")
	return numeric || strings.EqualFold(last, "localhost") || !isASCII(host)
}

// redirectToSite redirects the browser to a site, by its wtp address or a local URL. For another site that is not open
// yet, it asks the person, as for a link of any page: the redirected request would look as if the person had made it.
func (o siteOrigin) redirectToSite(resp *files.Response, r *http.Request, status int, address string) {
	to, err := engine.ParseAddress(address)
	if err != nil {
		o.srv.pages.FailSite(resp, r, o.host, pages.Failure{
			Status: http.StatusBadGateway, Title: "Invalid redirect",
			Text: "This page redirects to an address that is not valid: " + engine.Message(err),
		})
		return
	}
	label := to.OriginLabel
	if label == "" {
		label = engine.OriginLabel(to.Host)
	}
	location := to.Resolve(originURL(label+".localhost", o.port))
	host, known := o.srv.cfg.Opener.Host(label)
	switch {
	case to.Host == "":
		to.Host = cmp.Or(host, o.srv.hashed.host(label))
	case host == "":
		o.srv.hashed.store(label, to.Host)
	}
	if known || to.Host == o.host || to.Host == "" { // A label without a known host opens nothing.
		files.RedirectTo(resp, status, location)
		return
	}
	o.srv.confirmOtherSite(resp, r, to.Host, location)
}

func isASCII(s string) bool {
	_, ok := lowerASCII(s)
	return ok
}
