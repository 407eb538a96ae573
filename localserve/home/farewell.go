package home

import (
	_ "embed"
	"net/http"

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
	h["Clear-Site-Data"] = []string{`"*"`}
	if r.Header.Get("Service-Worker") == "script" {
		h.Del("Clear-Site-Data") // It would take the new worker with it before that has told its pages.
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		pages.Respond(w, r, http.StatusOK, farewellWorker)
		return
	}
	s.pages.Fail(w, r, takenOff)
}
