package companion

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// What the extension receives of sites: selected fields, in the dashboard's words, ready to be displayed.

// siteRow is a site in a list.
type siteRow struct {
	Host     string `json:"host"`
	URL      string `json:"url"`
	LocalURL string `json:"local"` // where a browser opens it
	Title    string `json:"title"`
	State    string `json:"state"` // "★ PIN"
	Tone     tone   `json:"tone"`
	Peers    int    `json:"peers"`
	// Left is the time until it expires; empty for a site that does not expire now.
	Left string `json:"left"`
}

// tone is the colour of a state.
type tone string

const (
	good tone = "good"
	keep tone = "keep"
	move tone = "move"
	warn tone = "warn"
	bad  tone = "bad"
	dim  tone = "dim"
)

func toneOf(s engine.Site) tone {
	switch {
	case s.State == engine.Failed:
		return bad
	case s.State == engine.Found:
		return warn
	case s.State == engine.Paused, s.Resting:
		return dim
	case s.State != engine.Seeding || s.Checking:
		return move
	case s.Pinned:
		return keep
	}
	return good
}

func newRow(s engine.Site, now time.Time) siteRow {
	r := siteRow{
		Host: s.Host, URL: s.URL, LocalURL: s.LocalURL, Title: s.Title,
		State: badge.ForSite(s, &theme.Theme{}).Text(), Tone: toneOf(s), Peers: s.Peers,
	}
	if !s.InUse && !s.ExpiresAt.IsZero() {
		r.Left = format.Countdown(s.ExpiresAt.Std().Sub(now))
	}
	return r
}

// siteView is the site that a tab shows.
type siteView struct {
	siteRow

	// Address is the wtp URL of the page.
	Address string `json:"address"`
	// Problem says what is missing or wrong. IsError reports that it is an error.
	Problem string `json:"lacks"`
	IsError bool   `json:"bad"`
	// Retention says how long the site is kept.
	Retention string `json:"kept"`
	Pinned    bool   `json:"pinned"`
	// Own reports whether it cannot be unpinned.
	Own bool `json:"own"`
	// Found reports whether it is neither served nor kept until a person decides.
	Found bool `json:"found"`
	// Progress is the part that has been downloaded, from 0 to 1; Have is the same in words.
	Progress   float64 `json:"done"`
	Have       string  `json:"have"`
	Seeds      int     `json:"seeds"`
	Copies     string  `json:"copies"`
	Down       string  `json:"down"`
	Up         string  `json:"up"`
	Downloaded string  `json:"downloaded"`
	Uploaded   string  `json:"uploaded"`
	Ratio      string  `json:"ratio"`
	// Link is the address at which any browser can open the page; empty if there is none.
	Link string `json:"link"`
	// Trace has the rates of the last minute, the oldest first.
	Trace trace `json:"trace"`
}

// newView returns the view for a tab that shows page, which is a page of the site.
func newView(s engine.Site, page string, now time.Time, t trace) siteView {
	v := siteView{
		siteRow: newRow(s, now), Address: s.URL + strings.TrimPrefix(page, s.LocalURL),
		Retention: retentionText(s, now), Pinned: s.Pinned, Own: s.Own, Found: s.State == engine.Found,
		Progress: s.Done(), Seeds: s.Seeds, Copies: copiesText(s),
		Down: format.Speed(s.DownRate), Up: format.Speed(s.UpRate),
		Downloaded: engine.Bytes(s.Downloaded), Uploaded: engine.Bytes(s.Uploaded), Ratio: format.Ratio(s.Ratio()),
		Link: s.PublicPageURL(page), Trace: t,
	}
	v.Problem, v.IsError = badge.ProblemInSentence(s)
	switch {
	case s.Size < 0:
		v.Have = "size not known yet"
	case s.Completed < s.Size:
		v.Have = engine.Bytes(s.Completed) + " of " + engine.Bytes(s.Size)
	default:
		v.Have = engine.Bytes(s.Size) + ", all of it here"
	}
	return v
}

// retentionText returns how long a site is kept.
func retentionText(s engine.Site, now time.Time) string {
	switch {
	case s.State == engine.Found:
		return "found in the data folder: the dashboard decides what becomes of it"
	case s.Pinned:
		return "pinned: seeded for ever"
	case s.ExpiresAt.IsZero():
		return "until the end of this run"
	case s.InUse:
		return "while a tab shows it, and for a while after"
	}
	return "expires in " + format.Countdown(s.ExpiresAt.Std().Sub(now)) + " unless opened or pinned"
}

func copiesText(s engine.Site) string {
	switch {
	case s.Copies < 0:
		return "not known yet"
	case s.Copies == 0:
		return "none elsewhere that anybody knows of"
	}
	return strconv.Itoa(s.Copies) + " elsewhere"
}

// siteDetails has the fields that only an open popup needs.
type siteDetails struct {
	// Ways says how the peers are connected: "3 TCP, 1 WebRTC".
	Ways     string    `json:"ways"`
	Versions []version `json:"versions"`
}

type version struct {
	Infohash string `json:"infohash"`
	State    string `json:"state"`
	Since    string `json:"since"`
}

// maxVersions is how many versions are sent, the newest first.
const maxVersions = 10

func newDetails(d engine.Detail, now time.Time) siteDetails {
	v := siteDetails{Versions: []version{}}
	n := map[engine.Via]int{}
	for _, p := range d.Peers {
		n[p.Via]++
	}
	var ways []string
	for _, via := range []engine.Via{engine.TCP, engine.UTP, engine.WebRTC, engine.WebSeed} {
		if n[via] > 0 {
			ways = append(ways, strconv.Itoa(n[via])+" "+string(via))
		}
	}
	v.Ways = strings.Join(ways, ", ")
	for _, ver := range d.Versions[:min(len(d.Versions), maxVersions)] {
		v.Versions = append(v.Versions, version{ver.Infohash, string(ver.State), format.Ago(ver.FirstSeen.Std(), now)})
	}
	return v
}

// searchResult is the result of find.
type searchResult struct {
	Sites []siteRow `json:"sites"`
	// Total is the number of matches; Sites are the first of them.
	Total int `json:"all"`
}

// maxResults bounds a search result: a longer search text narrows it down. A row takes at most 6 KB, with every
// character of a title escaped.
const maxResults = 100

// searchSites returns the sites that have text in their title or host, or at the beginning of their infohash, the most
// recently opened first.
func searchSites(sites []engine.Site, text string, limit int, now time.Time) searchResult {
	text = strings.ToLower(strings.TrimSpace(text))
	var found []engine.Site
	for _, s := range sites {
		if strings.Contains(strings.ToLower(s.Title), text) || strings.Contains(s.Host, text) ||
			strings.HasPrefix(s.Infohash, text) {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b engine.Site) int { return b.LastOpen.Std().Compare(a.LastOpen.Std()) })
	l := searchResult{Sites: []siteRow{}, Total: len(found)}
	if limit <= 0 {
		limit = maxResults
	}
	for _, s := range found[:min(len(found), limit, maxResults)] {
		l.Sites = append(l.Sites, newRow(s, now))
	}
	return l
}

// siteAt returns the site to which a page on the loopback server belongs.
func siteAt(sites []engine.Site, page string) (engine.Site, bool) {
	for _, s := range sites {
		if s.LocalURL != "" && (strings.HasPrefix(page, s.LocalURL) || page+"/" == s.LocalURL) {
			return s, true
		}
	}
	return engine.Site{}, false
}

// tabState is what the toolbar shows for a tab with a site.
type tabState struct {
	Origin string `json:"origin"`
	Peers  int    `json:"peers"`
	State  string `json:"state"`
	Title  string `json:"title"`
}

func newTabState(origin string, s engine.Site) tabState {
	return tabState{
		Origin: origin, Peers: s.Peers, State: badge.ForSite(s, &theme.Theme{}).Text(), Title: cmp.Or(s.Title, s.Host),
	}
}
