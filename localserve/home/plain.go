package home

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wtptui/localserve/files"
	"wtptui/localserve/home/loader"
	"wtptui/localserve/pages"
)

// servePlain redirects a browser to the plain website at the path "to", without the loader, and sets a cookie for
// that. If the browser stores no cookie, the page is shown in a frame, in which it is plain.
func (q *loaderRequest) servePlain() {
	query := q.r.URL.Query()
	to, ok := localTarget(query.Get("to"))
	if !ok {
		q.srv.pages.Fail(q.resp, q.r, *files.BadTarget)
		return
	}
	if query.Get("c") != "1" {
		http.SetCookie(q.resp, &http.Cookie{
			Name: plainCookie, Value: "1", Path: "/", SameSite: http.SameSiteLaxMode, MaxAge: int(24 * time.Hour / time.Second),
			Secure: q.hasTLS(),
		})
		files.RedirectTo(q.resp, http.StatusFound, "/"+loader.Folder+"plain?to="+url.QueryEscape(to)+"&c=1")
		return
	}
	if _, err := q.r.Cookie(plainCookie); err == nil {
		files.RedirectTo(q.resp, http.StatusFound, to)
		return
	}
	h := q.resp.Header()
	pages.SetHeaders(h)
	h.Set("Content-Security-Policy", plainPolicy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	pages.Respond(q.resp, q.r, http.StatusOK, []byte(`<!doctype html><html lang="en"><meta charset="utf-8">`+
		`<meta name="viewport" content="width=device-width"><title>`+html.EscapeString(q.host)+"</title><style>"+plainStyle+
		`</style><iframe src="`+html.EscapeString(to)+`"></iframe></html>`+"\n"))
}

// plainStyle makes the frame fill the window.
const plainStyle = "html,body{margin:0;height:100%;overflow:hidden}" +
	"iframe{border:0;width:100%;height:100%;display:block}"

var plainPolicy = "default-src 'none'; style-src 'sha256-" + sha256Base64(plainStyle) + "'; frame-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func sha256Base64(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// localTarget returns a URL of this origin for a Location header: a path with its query and fragment. It returns false
// if a browser might find another host in it: browsers treat backslashes like slashes, and ignore tabs and line ends.
func localTarget(to string) (string, bool) {
	if to == "" {
		return "/", true
	}
	if to[0] != '/' || files.StartsWithDoubleSlash(to) || strings.Contains(to, `\`) {
		return "", false
	}
	u, err := url.Parse(to) // url.Parse refuses control characters.
	if err != nil || u.Scheme != "" || u.Host != "" || files.StartsWithDoubleSlash(u.EscapedPath()) {
		return "", false
	}
	target := u.EscapedPath()
	if u.RawQuery != "" {
		target += "?" + escapeQuery(u.RawQuery)
	}
	if u.Fragment != "" {
		target += "#" + u.EscapedFragment()
	}
	return target, true
}

// escapeQuery escapes characters that are not valid in a URL.
func escapeQuery(query string) string {
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>`", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
