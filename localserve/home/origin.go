package home

import (
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"wtptui/engine"
	"wtptui/localserve/files"
	"wtptui/localserve/pages"
)

// siteOrigin is the origin of a site at its name. It implements files.Origin.
type siteOrigin struct {
	srv          *Server
	name         string
	host         string // the site's
	rootsVersion string // set by the first call of RootsVersion
}

// Root implements files.Origin.
func (o *siteOrigin) Root() string { return o.srv.names[o.name].root() }

// SiteRoot implements files.Origin: another site that this server has now is at its own name.
func (o *siteOrigin) SiteRoot(host string) (root string, ok bool) {
	if host == o.host {
		return o.Root(), true
	}
	n, ok := o.srv.byHost[host]
	if ok {
		_, ok, _ = o.srv.cfg.Opener.HomeSite(n.Name)
	}
	return n.root(), ok
}

// RootsVersion implements files.Origin: it changes when a site is put on or taken off.
func (o *siteOrigin) RootsVersion() string {
	if o.rootsVersion != "" {
		return o.rootsVersion
	}
	h := fnv.New64a()
	for _, n := range o.srv.cfg.Names {
		if host, on, _ := o.srv.cfg.Opener.HomeSite(n.Name); on {
			_, _ = io.WriteString(h, n.URL+" "+host+"\n") // It never fails.
		}
	}
	o.rootsVersion = "-h" + strconv.FormatUint(h.Sum64(), 36)
	return o.rootsVersion
}

// Confine implements files.Origin.
func (o *siteOrigin) Confine(h http.Header) { h.Set("Content-Security-Policy", ConfinedPolicy) }

// ConfinedPolicy is the policy of pages that may not make requests to any other server.
const ConfinedPolicy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; " +
	"webrtc 'block'; form-action 'self'"

// Redirect implements files.Origin. It redirects to a wtp address only if this server has that site: for any other,
// most browsers would show an error of their own.
func (o *siteOrigin) Redirect(resp *files.Response, r *http.Request, status int, to *url.URL) bool {
	if to.Scheme != "wtp" {
		return false
	}
	address, err := engine.ParseAddress(to.String())
	if err != nil {
		o.srv.pages.FailSite(resp, r, o.host, pages.Failure{
			Status: http.StatusBadGateway, Title: "Invalid redirect",
			Text: "This page redirects to an address that is not valid: " + engine.Message(err),
		})
		return true
	}
	if root, ok := o.SiteRoot(address.Host); ok {
		files.RedirectTo(resp, status, address.Resolve(root))
		return true
	}
	o.srv.pages.FailSite(resp, r, o.host, pages.Failure{
		Status: http.StatusNotFound, Title: "Not on this server",
		Text: "This page redirects to " + engine.Clean(to.String()) +
			", which this server does not have. You can open it with wtptui.",
	})
	return true
}
