package home

import (
	_ "embed"
	"net/http"

	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/home/loader"
	"wtptui/localserve/pages"
)

// farewellWorker is a service worker that takes another one's place, forgets what that had stored, and goes.
//
//go:embed farewell.js
var farewellWorker []byte

// takenOff is what a visitor reads.
var takenOff = pages.Failure{
	Status: http.StatusGone, Title: "This site has been taken off",
	Text: "It is not served here any more. Your browser has been told to forget what the site had stored in it.",
}

// farewell answers for a site that was taken off its name: the browser forgets all that the site has stored there. A
// service worker of the site's may go on answering in its place, and no visit would reach this server, but a browser
// asks for the worker's script again at each visit, and then gets one that goes.
func (s *Server) farewell(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if isWorker(r) { // Were all forgotten now, the new worker could not tell the site's pages.
		sendFarewellWorker(w, r)
		return
	}
	if fetchmeta.Visit(r) {
		h["Clear-Site-Data"] = forget
	} else {
		// A page is open that asks for this. Chromium may never answer what it asks of its stores and of the network in the
		// middle of the browser's own clearing, which can wait for the next visit. A loader's page clears all itself.
		h.Set(loader.TakenOff, "1")
	}
	for i, cookie := range r.Cookies() {
		if i == maxForgotten {
			break
		}
		http.SetCookie(w, &http.Cookie{Name: cookie.Name, Path: "/", MaxAge: -1})
	}
	s.pages.Fail(w, r, takenOff)
}

func sendFarewellWorker(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	pages.Respond(w, r, http.StatusOK, farewellWorker)
}

// forget is what a browser is to forget. Cookies are not among it: it would forget those of all names below the
// registrable domain, which may be somebody else's, so those that it has for this one alone are taken back each.
var forget = []string{`"cache", "storage"`}

// maxForgotten bounds how many cookies are taken back by one answer.
const maxForgotten = 100
