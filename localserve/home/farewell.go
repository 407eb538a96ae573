package home

import (
	_ "embed"
	"net/http"

	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/home/loader"
	"wtptui/localserve/pages"
)

// removalWorker is a service worker that takes another one's place, forgets what that had stored, and goes.
//
//go:embed farewell.js
var removalWorker []byte

// siteTakenOff is the failure for a site that is not served any more.
var siteTakenOff = pages.Failure{
	Status: http.StatusGone, Title: "This site has been taken off",
	Text: "It is not served here any more. Your browser was told to delete the data that the site had stored.",
}

// serveTakenOff responds for a site that was taken off its name: the browser deletes all data of the site. A service
// worker of the site may still answer its requests, so that none reaches this server; but a browser checks the
// worker's script at each visit, and then receives one that unregisters itself.
func (s *Server) serveTakenOff(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if isWorker(r) { // Clearing all data now would prevent the new worker from finding the site's pages.
		serveRemovalWorker(w, r)
		return
	}
	if fetchmeta.MayBeNavigation(r) {
		h["Clear-Site-Data"] = clearSiteData
	} else {
		// This request is from an open page. During a Clear-Site-Data, Chromium may never answer the page's storage
		// and network requests, so that waits for the next visit. A loader's page deletes everything itself.
		h.Set(loader.TakenOffHeader, "1")
	}
	for i, cookie := range r.Cookies() {
		if i == maxCookies {
			break
		}
		http.SetCookie(w, &http.Cookie{Name: cookie.Name, Path: "/", MaxAge: -1})
	}
	s.pages.Fail(w, r, siteTakenOff)
}

func serveRemovalWorker(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	pages.Respond(w, r, http.StatusOK, removalWorker)
}

// clearSiteData is the Clear-Site-Data header. It does not include cookies: browsers would delete those of the whole
// registrable domain, which may have other owners. So each cookie that the browser sends is expired individually.
var clearSiteData = []string{`"cache", "storage"`}

// maxCookies is how many cookies a response expires at most.
const maxCookies = 100
