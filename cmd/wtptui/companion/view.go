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

// What the extension is told of sites: chosen fields, in the dashboard's words, ready to be shown.

// row is a site in a list.
type row struct {
	Host  string `json:"host"`
	URL   string `json:"url"`
	Local string `json:"local"` // where a browser opens it
	Title string `json:"title"`
	State string `json:"state"` // "★ PIN"
	Tone  tone   `json:"tone"`
	Peers int    `json:"peers"`
	// Left is the time to its expiry; empty for one that does not expire now.
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

func rowOf(s engine.Site, now time.Time) row {
	r := row{
		Host: s.Host, URL: s.URL, Local: s.LocalURL, Title: s.Title,
		State: badge.ForSite(s, &theme.Theme{}).Text(), Tone: toneOf(s), Peers: s.Peers,
	}
	if !s.InUse && !s.ExpiresAt.IsZero() {
		r.Left = format.Countdown(s.ExpiresAt.Std().Sub(now))
	}
	return r
}

// view is the site that a tab shows.
type view struct {
	row

	// Address is the wtp URL of the page.
	Address string `json:"address"`
	// Lacks says what is missing or wrong; Bad that it is an error.
	Lacks string `json:"lacks"`
	Bad   bool   `json:"bad"`
	// Kept says how long it stays.
	Kept   string `json:"kept"`
	Pinned bool   `json:"pinned"`
	// Own reports whether it cannot be unpinned.
	Own bool `json:"own"`
	// Found reports whether it is neither served nor kept until a person decides.
	Found bool `json:"found"`
	// Done is the part that is here, from 0 to 1, and Have says it.
	Done       float64 `json:"done"`
	Have       string  `json:"have"`
	Seeds      int     `json:"seeds"`
	Copies     string  `json:"copies"`
	Down       string  `json:"down"`
	Up         string  `json:"up"`
	Downloaded string  `json:"downloaded"`
	Uploaded   string  `json:"uploaded"`
	Ratio      string  `json:"ratio"`
	// Link is where anybody opens the page with any browser; empty if there is no such address.
	Link string `json:"link"`
	// Trace has the rates of the last minute, the oldest first.
	Trace trace `json:"trace"`
}

// viewOf shows the site to a tab at page, which is one of the site's own.
func viewOf(s engine.Site, page string, now time.Time, t trace) view {
	v := view{
		row: rowOf(s, now), Address: s.URL + strings.TrimPrefix(page, s.LocalURL),
		Kept: stay(s, now), Pinned: s.Pinned, Own: s.Own, Found: s.State == engine.Found,
		Done: s.Done(), Seeds: s.Seeds, Copies: copies(s),
		Down: format.Speed(s.DownRate), Up: format.Speed(s.UpRate),
		Downloaded: engine.Bytes(s.Downloaded), Uploaded: engine.Bytes(s.Uploaded), Ratio: format.Ratio(s.Ratio()),
		Link: s.PublicPage(page), Trace: t,
	}
	v.Lacks, v.Bad = badge.ProblemInSentence(s)
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

// stay says how long a site stays.
func stay(s engine.Site, now time.Time) string {
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

func copies(s engine.Site) string {
	switch {
	case s.Copies < 0:
		return "not known yet"
	case s.Copies == 0:
		return "none elsewhere that anybody knows of"
	}
	return strconv.Itoa(s.Copies) + " elsewhere"
}

// details is what only an open popup asks for.
type details struct {
	// Ways says how the peers are connected: "3 TCP, 1 WebRTC".
	Ways     string    `json:"ways"`
	Versions []version `json:"versions"`
}

type version struct {
	Infohash string `json:"infohash"`
	State    string `json:"state"`
	Since    string `json:"since"`
}

// maxVersions is how many versions the extension is told of, the newest first.
const maxVersions = 10

func detailsOf(d engine.Detail, now time.Time) details {
	v := details{Versions: []version{}}
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

// list is the answer to a search.
type list struct {
	Sites []row `json:"sites"`
	// All is how many there are, of which Sites are the first.
	All int `json:"all"`
}

// maxListed bounds a list: who looks for more can say more of what it is. A row of it takes at most 6 KB, with every
// character of a title escaped.
const maxListed = 100

// search returns the sites that have text in their title or host, or at the beginning of their infohash; those that
// were opened last come first.
func search(sites []engine.Site, text string, most int, now time.Time) list {
	text = strings.ToLower(strings.TrimSpace(text))
	var found []engine.Site
	for _, s := range sites {
		if strings.Contains(strings.ToLower(s.Title), text) || strings.Contains(s.Host, text) ||
			strings.HasPrefix(s.Infohash, text) {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b engine.Site) int { return b.LastOpen.Std().Compare(a.LastOpen.Std()) })
	l := list{Sites: []row{}, All: len(found)}
	if most <= 0 {
		most = maxListed
	}
	for _, s := range found[:min(len(found), most, maxListed)] {
		l.Sites = append(l.Sites, rowOf(s, now))
	}
	return l
}

// siteAt returns the site that a page on the loopback server belongs to.
func siteAt(sites []engine.Site, page string) (engine.Site, bool) {
	for _, s := range sites {
		if s.LocalURL != "" && (strings.HasPrefix(page, s.LocalURL) || page+"/" == s.LocalURL) {
			return s, true
		}
	}
	return engine.Site{}, false
}

// shownTab is what the toolbar says of the tabs that show a site.
type shownTab struct {
	Origin string `json:"origin"`
	Peers  int    `json:"peers"`
	State  string `json:"state"`
	Title  string `json:"title"`
}

func shownTabOf(origin string, s engine.Site) shownTab {
	return shownTab{
		Origin: origin, Peers: s.Peers, State: badge.ForSite(s, &theme.Theme{}).Text(), Title: cmp.Or(s.Title, s.Host),
	}
}
