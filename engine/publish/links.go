package publish

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// linkFinding is a finding about the links of one page.
type linkFinding struct{ code, why string }

// linkCount counts links of one kind and remembers the first.
type linkCount struct {
	count int
	first string
}

func (t *linkCount) add(link string) {
	if t.count == 0 {
		t.first = engine.Clean(link[:min(len(link), 100)])
	}
	t.count++
}

// findLinks finds links in a page that may be mistakes: those to the owner's own machine, to the site's copy on the
// web, and to assets on other servers. Ordinary links to other sites are fine, and so are those that begin with a
// single slash: each site has an origin of its own.
func findLinks(page []byte, domain string) []linkFinding {
	if !bytes.Contains(page, []byte("//")) && !bytes.Contains(page, []byte("localhost")) {
		return nil
	}
	var local, own, foreign, base linkCount
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return linkFindings(local, own, foreign, base)
		case html.StartTagToken, html.SelfClosingTagToken:
		default:
			continue
		}
		tag, more := tokens.TagName()
		name := string(tag)
		for more {
			var key, value []byte
			key, value, more = tokens.TagAttr()
			if !isLink(string(key)) {
				continue
			}
			link := string(value)
			host, ok := absoluteHost(link)
			switch {
			case !ok:
			case isLocal(host):
				local.add(link)
			case name == "base":
				base.add(link)
			case domain != "" && (host == domain || host == "www."+domain):
				own.add(link)
			case isFetched(name):
				foreign.add(link)
			}
		}
	}
}

func isLink(attribute string) bool {
	switch attribute {
	case "href", "src", "action", "poster", "data", "formaction":
		return true
	}
	return false
}

// isFetched reports whether a browser fetches what the tag links to by itself. Link tags are mostly style sheets and
// icons.
func isFetched(tag string) bool {
	switch tag {
	case "script", "img", "iframe", "link", "audio", "video", "source", "embed", "object", "track", "frame", "input":
		return true
	}
	return false
}

// absoluteHost returns the host of an absolute link; false for a relative one.
func absoluteHost(link string) (string, bool) {
	link = strings.TrimSpace(link)
	if !strings.HasPrefix(link, "//") && !strings.Contains(link, "://") {
		return "", false
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return strings.ToLower(u.Hostname()), true
}

func isLocal(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") ||
		host == "::1" || host == "0.0.0.0"
}

func linkFindings(local, own, foreign, base linkCount) []linkFinding {
	var found []linkFinding
	add := func(t linkCount, code, one, many string) {
		switch t.count {
		case 0:
		case 1:
			found = append(found, linkFinding{code, fmt.Sprintf(one, t.first)})
		default:
			found = append(found, linkFinding{code, fmt.Sprintf(many, t.count, t.first)})
		}
	}
	add(local, "localhost-link", "a link leads to your own machine, where visitors find nothing: %s",
		"%d links lead to your own machine, where visitors find nothing: %s …")
	add(base, "absolute-link", "its <base> makes every link lead to the web: %s",
		"%d <base> tags make every link lead to the web: %s …")
	add(own, "absolute-link", "a link leads to the site on the web instead of staying in this one: %s",
		"%d links lead to the site on the web instead of staying in this one: %s …")
	add(foreign, "foreign-asset",
		"it fetches something from another server, which sees every visitor and may be gone one day: %s",
		"it fetches %d things from other servers, which see every visitor and may be gone one day: %s …")
	return found
}
