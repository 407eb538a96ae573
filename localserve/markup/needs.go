package markup

import (
	"bytes"
	"strings"

	"wtptui/engine"
)

// referTag reports the files that a tag names, with their urgency. get returns an attribute's value, empty if there is
// none. Style attributes are handled elsewhere, as CSS.
func (s *Scanner) referTag(t *tag, get func(name string) []byte) {
	inView := engine.UrgencyInView
	if len(t.attrs) > 0 && strings.EqualFold(string(get("loading")), "lazy") {
		inView = engine.UrgencyLater
	}
	switch t.name {
	case "base":
		if t.has("href") && !s.page.hasBase && s.opts.OnBase != nil {
			s.page.hasBase, s.reported = true, nil
			s.opts.OnBase(s.opts.Decode(bytes.TrimSpace(get("href"))))
		}
	case "a", "area":
		s.refer(get("href"), engine.UrgencyLink)
		s.refer(get("xlink:href"), engine.UrgencyLink)
	case "meta":
		if content := get("content"); t.refresh {
			if from, to, ok := refreshTarget(t, content); ok {
				s.refer(content[from:to], engine.UrgencyLink)
			}
		}
	case "link":
		s.referLink(t, get)
	case "script":
		if u, runs := s.scriptUrgency(t, get); runs {
			s.refer(get("src"), u)
			s.refer(get("href"), u)
		}
	case "img":
		s.refer(get("src"), inView)
		s.refer(firstCandidate(get("srcset")), inView)
	case "source":
		s.refer(firstCandidate(get("srcset")), inView)
		s.refer(get("src"), engine.UrgencyLater) // of a video
	case "video":
		s.refer(get("poster"), inView)
		s.refer(get("src"), engine.UrgencyLater)
	case "audio", "track":
		s.refer(get("src"), engine.UrgencyLater)
	case "input", "iframe", "frame", "embed":
		s.refer(get("src"), inView)
	case "object":
		s.refer(get("data"), inView)
	case "body", "table", "thead", "tbody", "tfoot", "tr", "td", "th":
		s.refer(get("background"), inView)
	case "image", "use", "feimage":
		s.refer(get("href"), inView)
		s.refer(get("xlink:href"), inView)
	}
}

// referLink reports the file that a link element names.
func (s *Scanner) referLink(t *tag, get func(name string) []byte) {
	href, u, needed := get("href"), engine.UrgencyLink, true
	rel := strings.Fields(strings.ToLower(string(get("rel"))))
	is := func(want string) bool {
		for _, r := range rel {
			if r == want {
				return true
			}
		}
		return false
	}
	switch {
	case is("stylesheet"):
		u = engine.UrgencyBlocking
		if is("alternate") || t.has("disabled") || isPrint(get("media")) {
			u = engine.UrgencyLater
		}
	case is("modulepreload"):
		u = moduleUrgency
	case is("preload"):
		u = preloadUrgency(string(get("as")))
		if len(href) == 0 {
			href = firstCandidate(get("imagesrcset"))
		}
	case is("icon"), is("apple-touch-icon"), is("mask-icon"), is("manifest"), is("prefetch"), is("prerender"):
		u = engine.UrgencyLater
	case is("dns-prefetch"), is("preconnect"), is("canonical"):
		needed = false
	}
	if needed {
		s.refer(href, u)
	}
}

func preloadUrgency(as string) engine.Urgency {
	switch strings.ToLower(strings.TrimSpace(as)) {
	case "style", "script":
		return engine.UrgencyBlocking
	case "font":
		return engine.UrgencyFont
	case "video", "audio", "track":
		return engine.UrgencyLater
	}
	return engine.UrgencyInView
}

// moduleUrgency is the urgency of modules and deferred scripts, and of what modules import. They do not block
// rendering, but many pages show nothing before they have run, and they always run as soon as the page is parsed. So
// their urgency is that of visible content.
const moduleUrgency = engine.UrgencyInView

// scriptUrgency returns the urgency of a script in a file of its own; false if it does not run. Below the head, the
// content before a script is shown before it runs.
func (s *Scanner) scriptUrgency(t *tag, get func(name string) []byte) (u engine.Urgency, runs bool) {
	kind := strings.ToLower(string(bytes.TrimSpace(get("type"))))
	switch {
	case kind != "" && kind != "module" && !strings.HasSuffix(kind, "javascript") &&
		!strings.HasSuffix(kind, "ecmascript"):
		return 0, false
	case kind != "module" && t.has("nomodule"):
		return 0, false // It is for browsers without modules.
	case t.has("async"):
		return engine.UrgencyLater, true
	case kind == "module", t.has("defer"), !s.page.inHead:
		return moduleUrgency, true
	}
	return engine.UrgencyBlocking, true
}

// isPrint reports whether a media attribute matches only print.
func isPrint(media []byte) bool {
	return bytes.EqualFold(bytes.TrimSpace(media), []byte("print"))
}

// firstCandidate returns the first image of a srcset: which one the browser will choose is unknown.
func firstCandidate(srcset []byte) []byte {
	for from, to := range srcsetCandidates(srcset) {
		return srcset[from:to]
	}
	return nil
}
