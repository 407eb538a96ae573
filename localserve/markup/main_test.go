package markup

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"wtptui/engine"
)

// The site of the test files, and the URLs of it and of another one.
const (
	own        = "wtp://own.example"
	ownLocal   = "http://own-example.localhost:7780"
	other      = "wtp://other.example"
	otherLocal = "http://other-example.localhost:7780"
)

// siteRoot is an Options.SiteRoot that returns the host with hyphens.
func siteRoot(host string) (root string, own, ok bool) {
	host = strings.ToLower(host)
	if !strings.Contains(host, ".") || strings.ContainsAny(host, "@: \\\"'<>()%") || strings.HasPrefix(host, "-") {
		return "", false, false
	}
	return "http://" + strings.ReplaceAll(host, ".", "-") + ".localhost:7780", host == "own.example", true
}

// rewrite returns the rewritten file, and checks that it is the same if the file arrives byte by byte.
func rewrite(t testing.TB, lang Language, file string) (string, *Scanner) {
	t.Helper()
	s := NewScanner(lang, Options{SiteRoot: siteRoot})
	s.Scan([]byte(file))
	out, err := io.ReadAll(NewSplice(strings.NewReader(file), int64(len(file)), s.Edits()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	stream := NewStream(NewScanner(lang, Options{SiteRoot: siteRoot}), &b)
	if _, err := io.Copy(stream, iotest.OneByteReader(strings.NewReader(file))); err != nil {
		t.Fatal(err)
	}
	if err := stream.Close(); err != nil || b.String() != string(out) {
		t.Errorf("%q becomes %q as a whole, and %q while it arrives (%v)", file, out, b.String(), err)
	}
	return string(out), s
}

// references returns the references of a file, each with its urgency in front.
func references(lang Language, file string) []string {
	var refs []string
	s := NewScanner(lang, Options{
		SiteRoot:    siteRoot,
		OnReference: func(ref string, u engine.Urgency) { refs = append(refs, strconv.Itoa(int(u))+" "+ref) },
		OnBase:      func(href string) { refs = append(refs, "base "+href) },
	})
	s.Scan([]byte(file))
	return refs
}
