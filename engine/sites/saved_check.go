package sites

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// parseSavedSite parses and validates a saved site. It may come from anybody.
func parseSavedSite(s Saved) (restorable, error) {
	var r restorable
	refuse := func(why string) (restorable, error) {
		return restorable{}, &engine.Error{Op: "sites: restore", Host: s.Host, Kind: engine.Damaged, Msg: why}
	}
	if err := json.Unmarshal(s.State, &r.siteEntry); err != nil {
		return refuse("its entry in the backup cannot be read")
	}
	site := &r.Site
	host, err := engine.ParseKnownHost(s.Host)
	if err != nil || host != s.Host || site.Host != s.Host {
		return refuse("the backup names an invalid site")
	}
	assignment := engine.Assignment{Label: site.Labels, SetEnough: true, Enough: site.Enough}
	if assignment, err = assignment.Check(); err == nil {
		site.Labels, err = assignment.ApplyToLabels(nil)
	}
	if err != nil {
		return refuse("its labels are invalid: " + engine.Message(err))
	}
	for i, v := range r.Versions {
		if !engine.IsInfohash(v.Infohash) {
			return refuse("its versions are invalid")
		}
		r.Versions[i].Source = engine.Clean(v.Source)
	}
	for _, urls := range []*[]string{&site.Trackers, &site.WebSeeds, &site.HintTrackers, &site.HintWebSeeds} {
		*urls = slices.DeleteFunc(*urls, func(u string) bool { return !isSavedURL(u) })
	}
	if site.Infohash != "" && !engine.IsInfohash(site.Infohash) {
		return refuse("its version is invalid")
	}
	if engine.IsInfohash(site.Host) && site.Infohash != "" && site.Infohash != site.Host {
		return refuse("its address is the infohash of another torrent")
	}
	if r.Publication != nil && !checkPublication(r.Publication, s.Host) {
		return refuse("its publication in the backup is invalid")
	}
	if len(s.Torrent) > 0 {
		m, err := swarm.ParseMetainfo(s.Torrent)
		if err != nil || m.Infohash != site.Infohash {
			return refuse("the .torrent in the backup belongs to another site")
		}
		r.info = m.Info
	}
	return r, nil
}

// checkPublication reports whether a saved publication is valid for a host, and cleans it.
func checkPublication(p *store.Publication, host string) bool {
	notOne := func(infohash string) bool { return !engine.IsInfohash(infohash) }
	switch {
	case p.Host != host || notOne(p.Infohash) || slices.ContainsFunc(p.Former, notOne) || len(p.Former) > maxFormer:
		return false
	case p.Dir == "" || strings.HasPrefix(p.Dir, shippedPrefix) || strings.ContainsFunc(p.Dir, unicode.IsControl):
		return false
	case p.Key != "" && engine.CheckKeyName(p.Key) != nil:
		return false
	}
	// A folder that does not exist here cannot be seeded from; the swarm may have what was in it.
	info, err := os.Stat(p.Dir)
	p.InPlace = p.InPlace && filepath.IsAbs(p.Dir) && err == nil && info.IsDir()
	for _, entries := range []*[]string{&p.Kept, &p.LeftOut, &p.Found} {
		for i, entry := range *entries {
			(*entries)[i] = cleanEntry(entry)
		}
		*entries = slices.DeleteFunc(*entries, func(entry string) bool { return entry == "" })
	}
	if p.PublicURL, err = engine.ParsePublicURL(p.PublicURL); err != nil {
		p.PublicURL = ""
	}
	return true
}

// cleanEntry cleans a path, or a finding of engine/publish.Memory: a code, a space and a path. The path may be as long
// as MaxTextLength.
func cleanEntry(entry string) string {
	code, path, found := strings.Cut(entry, " ")
	if !found {
		return engine.Clean(entry)
	}
	return engine.Clean(code) + " " + engine.Clean(path)
}

// maxSavedURL is the length of the longest URL in a backup, in bytes. The swarm uses no longer tracker URLs.
const maxSavedURL = 2048

// isSavedURL reports whether the URL of a saved tracker or web seed is valid and can be shown.
func isSavedURL(s string) bool {
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }
	if len(s) > maxSavedURL || !utf8.ValidString(s) || strings.ContainsFunc(s, hidden) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Host != ""
}
