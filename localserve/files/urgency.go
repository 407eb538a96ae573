package files

import (
	"net/http"
	"net/url"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
)

// urgencyOf returns how urgent a request is for a browser: by its Fetch Metadata, otherwise by the type of the file.
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

// pageOf returns path and query of the page of the same site that requested this part of it; empty if no page did, or
// it is unknown.
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
