package loader

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"sync"
)

// What is filled in in frame.html.
var (
	titlePlace = []byte("<title></title>")
	framePlace = []byte(`<iframe id="site"`)
)

// What is replaced in frame.html, compiled at its first use: few runs of the program serve it.
var (
	// refresh is the element for browsers without JavaScript, with all of its noscript.
	refresh = lazyRegexp(`(?s)<noscript>\s*<meta http-equiv="refresh"[^>]*>\s*</noscript>\n?`)
	// ownURL begins an attribute that names a file of the loader.
	ownURL = lazyRegexp(`(src|href)="(?:\./)?` + Folder)
	// onError is what a static host needs to find the loader from deeper addresses. A home's policy forbids it.
	onError = lazyRegexp(` onerror="[^"]*"`)
)

// Frame returns the loader's top page with the site's title. If target, an absolute path with its query, is not empty,
// the page is one of a home, at any of its addresses: its frame shows the target at once, and browsers without
// JavaScript are sent to the plain website. Without a target it is the page of a static folder.
func Frame(target, title string) []byte {
	if target == "" {
		return titled(refresh().ReplaceAllLiteral(build().assets[FramePath].Content, nil), title)
	}
	page := HomeFrame(target, title)
	return bytes.Replace(page, framePlace, []byte(`<iframe id="site" src="`+html.EscapeString(target)+`"`), 1)
}

// HomeFrame is Frame with a frame that shows nothing yet: the page decides what.
func HomeFrame(target, title string) []byte {
	plain := html.EscapeString("/" + Folder + "plain?to=" + url.QueryEscape(target))
	page := refresh().ReplaceAllLiteral(build().assets[FramePath].Content,
		[]byte(`<noscript><meta http-equiv="refresh" content="0; url=`+plain+"\"></noscript>\n"))
	page = onError().ReplaceAllLiteral(page, nil)
	return titled(ownURL().ReplaceAll(page, []byte(`$1="/`+Folder)), title)
}

func lazyRegexp(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func titled(page []byte, title string) []byte {
	return bytes.Replace(page, titlePlace, []byte("<title>"+html.EscapeString(title)+"</title>"), 1)
}
