package loader

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
)

// framePolicySources returns the sources of a policy that allow what frame.html has inline (CSP 3, section 8.4).
var framePolicySources = sync.OnceValue(func() (h struct{ scripts, styles string }) {
	page := loadPage().assets[FramePath].Content
	h.scripts, h.styles = inlineSources("script", page), inlineSources("style", page)
	return h
})

// inlineSources returns the sources of a policy that allow the elements of a name that are inline in a page.
func inlineSources(name string, page []byte) string {
	element := regexp.MustCompile(`(?s)<` + name + `>(.*?)</` + name + `>`)
	var b strings.Builder
	for _, match := range element.FindAllSubmatch(page, -1) {
		sum := sha256.Sum256(match[1])
		b.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return b.String()
}

// FramePolicy returns the Content-Security-Policy of the top page at a home. The page runs nothing but the loader's
// files, and its client asks trackers, web seeds and resolvers anywhere: by TLS alone, unless the home itself has none.
func FramePolicy(tls bool) string {
	inline := framePolicySources()
	connect := " wss: https:"
	if !tls {
		connect += " ws: http:"
	}
	return "default-src 'none'; script-src 'self'" + inline.scripts + "; style-src 'self'" + inline.styles +
		"; img-src 'self' data: blob:; connect-src 'self'" + connect +
		"; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
