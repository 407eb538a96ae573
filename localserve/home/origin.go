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

// siteOrigin is a site at its name; it implements files.Origin.
type siteOrigin struct {
	srv  *Server
	name string
	host string // the site's
	mark string // once it is known
}

// Root implements files.Origin.
func (o *siteOrigin) Root() string { return o.srv.names[o.name].root() }

// RootOf implements files.Origin: another site that is at home here now is found at its own name.
func (o *siteOrigin) RootOf(host string) (root string, ok bool) {
	if host == o.host {
		return o.Root(), true
	}
	n, ok := o.srv.byHost[host]
	if ok {
		_, ok, _ = o.srv.cfg.Opener.HomeSite(n.Name)
	}
	return n.root(), ok
}

// Mark implements files.Origin: homes are opened and taken off.
func (o *siteOrigin) Mark() string {
	if o.mark != "" {
		return o.mark
	}
	h := fnv.New64a()
	for _, n := range o.srv.cfg.Names {
		if host, on, _ := o.srv.cfg.Opener.HomeSite(n.Name); on {
			_, _ = io.WriteString(h, n.URL+" "+host+"\n") // It never fails.
		}
	}
	o.mark = "-h" + strconv.FormatUint(h.Sum64(), 36)
	return o.mark
}

// Confine implements files.Origin.
func (o *siteOrigin) Confine(h http.Header) { h.Set("Content-Security-Policy", Confined) }

// Confined is the policy of pages that may ask no other server for anything.
const Confined = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; webrtc 'block'; form-action 'self'"

// Lead implements files.Origin: to a wtp address it leads only as far as this server has the site. Most browsers would
// show an error of their own for any other.
func (o *siteOrigin) Lead(a *files.Answer, r *http.Request, status int, to *url.URL) bool {
	if to.Scheme != "wtp" {
		return false
	}
	address, err := engine.ParseAddress(to.String())
	if err != nil {
		o.srv.pages.FailSite(a, r, o.host, pages.Failure{
			Status: http.StatusBadGateway, Title: "Led nowhere", Text: engine.Message(err),
		})
		return true
	}
	if root, ok := o.RootOf(address.Host); ok {
		files.RedirectTo(a, status, address.Resolve(root))
		return true
	}
	o.srv.pages.FailSite(a, r, o.host, pages.Failure{
		Status: http.StatusNotFound, Title: "Elsewhere",
		Text: "This page leads to " + engine.Clean(to.String()) + ", which is not at this server. With wtptui, you can open it.",
	})
	return true
}
