package files

import (
	"net/http"
	"net/url"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
)

// urgencyOf tells how soon a browser needs what it asks for: by what it says that it is for, else by what the file is.
func urgencyOf(r *http.Request, e engine.Entry) engine.Urgency {
	switch fetchmeta.Of(r, "Dest") {
	case "document":
		return engine.UrgencyDocument
	case "style", "script", "xslt":
		return engine.UrgencyBlocking
	case "font":
		return engine.UrgencyFont
	case "":
	default:
		return engine.UrgencyInView
	}
	switch ctype := mediaTypes[extension(e)]; {
	case ctype == htmlType:
		return engine.UrgencyDocument
	case ctype == cssType, ctype == "text/javascript":
		return engine.UrgencyBlocking
	case strings.HasPrefix(ctype, "font/"):
		return engine.UrgencyFont
	}
	return engine.UrgencyInView
}

// pageOf returns the path, with its query, of the page of the same site that a part of it is asked for by; empty if none
// did, or it does not say.
func pageOf(r *http.Request) string {
	if fetchmeta.Navigation(r) {
		return ""
	}
	u, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
		return ""
	}
	page := u.Path
	if u.RawQuery != "" {
		page += "?" + u.RawQuery
	}
	return engine.Clean(page)
}
