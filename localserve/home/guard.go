package home

import (
	"net/http"
	"strings"

	"wtptui/localserve/pages"
)

// These texts name neither a site nor another name: anybody can read them.
var (
	foreignName = &pages.Failure{
		Status: http.StatusMisdirectedRequest, Title: "Not a site of this server",
		Text: "This server has no site under this name. Check the address.",
	}
)

// nameOf returns which of the server's names a request is for, in any case and with any port: a proxy may have another
// one. For a target in absolute form (RFC 9112, section 3.2.2), net/http has set Host.
func (s *Server) nameOf(r *http.Request) (name string, ok bool) {
	if r.URL.Scheme != "" && r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return "", false
	}
	name = r.Host
	if host, port, found := strings.Cut(name, ":"); found {
		if strings.Trim(port, "0123456789") != "" {
			return "", false
		}
		name = host
	}
	name = lowerASCII(name)
	_, ok = s.names[name]
	return name, ok
}

// lowerASCII converts only ASCII letters: some others have an ASCII lower case (that of the Kelvin sign is "k").
func lowerASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
