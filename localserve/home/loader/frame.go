package loader

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"sync"
)

// The elements of frame.html that are filled in.
var (
	titleElement = []byte("<title></title>")
	frameElement = []byte(`<iframe id="site"`)
)

// The parts of frame.html that are replaced. They are compiled at their first use: few runs of the program need them.
var (
	// refreshElement matches the element for browsers without JavaScript, with its noscript.
	refreshElement = lazyRegexp(`(?s)<noscript>\s*<meta http-equiv="refresh"[^>]*>\s*</noscript>\n?`)
	// loaderURL matches the start of an attribute that names a file of the loader.
	loaderURL = lazyRegexp(`(src|href)="(?:\./)?` + Folder)
	// onErrorAttribute matches the attribute that finds the loader from deeper addresses at a static host. A home's
	// policy forbids it.
	onErrorAttribute = lazyRegexp(` onerror="[^"]*"`)
)

// FramePage returns the loader's top page with the site's title. If target, an absolute path with its query, is not
// empty, the page is one of a home, at any of its addresses: its frame shows the target at once, and browsers without
// JavaScript are sent to the plain website. Without a target it is the page of a static folder.
func FramePage(target, title string) []byte {
	if target == "" {
		return setTitle(refreshElement().ReplaceAllLiteral(loadPage().assets[FramePath].Content, nil), title)
	}
	page := HomeFramePage(target, title)
	return bytes.Replace(page, frameElement, []byte(`<iframe id="site" src="`+html.EscapeString(target)+`"`), 1)
}

// HomeFramePage is FramePage of a home with a frame that shows nothing yet: the page decides what.
func HomeFramePage(target, title string) []byte {
	plain := html.EscapeString("/" + Folder + "plain?to=" + url.QueryEscape(target))
	page := refreshElement().ReplaceAllLiteral(loadPage().assets[FramePath].Content,
		[]byte(`<noscript><meta http-equiv="refresh" content="0; url=`+plain+"\"></noscript>\n"))
	page = onErrorAttribute().ReplaceAllLiteral(page, nil)
	return setTitle(loaderURL().ReplaceAll(page, []byte(`$1="/`+Folder)), title)
}

func lazyRegexp(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func setTitle(page []byte, title string) []byte {
	return bytes.Replace(page, titleElement, []byte("<title>"+html.EscapeString(title)+"</title>"), 1)
}
