package ui

import (
	"encoding/hex"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
)

// recordsMsg has the TXT records of sites, to be copied.
type recordsMsg struct{ text string }

// pkarrURL returns a site's key as pkarr writes it; empty for a site that is not named by its key.
func pkarrURL(s engine.Site) string {
	if !engine.IsKey(s.Host) {
		return ""
	}
	return "pk:" + s.Host
}

// keyMagnet returns the magnet link of a site's key (BEP 46), which leads to the newest version.
func keyMagnet(s engine.Site) string {
	key, ok := engine.ParseKey(s.Host)
	if !ok {
		return ""
	}
	return "magnet:?xs=urn:btpk:" + hex.EncodeToString(key[:])
}

// recordsLine returns the menu line of the TXT records of sites.
func (c *clipboard) recordsLine(sites []engine.Site) dialog.Line {
	it := dialog.Line{Key: "t", Label: "TXT record", Detail: "–", Do: c.copyRecords}
	if len(sites) > 1 {
		it.Detail = format.Plural(len(sites), "site")
	} else if text, _, _ := strings.Cut(c.txtRecord(sites[0], ""), "\n"); text != "" {
		it.Detail = text
	}
	return it
}

// copyRecords copies the TXT records of the targets. Which key a domain names is requested from the engine first.
func (c *clipboard) copyRecords() tea.Cmd {
	named := map[string]string{} // the keys, by Ref
	for _, s := range c.screen.targets() {
		if engine.IsDomain(s.Host) && s.HasKey() {
			named[s.Ref()] = ""
		}
	}
	if len(named) == 0 || c.conn.engine == nil || !c.conn.running() {
		return c.copyEach(func(s engine.Site) string { return c.txtRecord(s, "") })
	}
	ctx, e, sites := c.conn.ctx, c.conn.engine, c.screen.targets()
	trackers := c.conn.snap.Status.TrackerURLs
	return guardPanic(func() tea.Msg {
		var lines []string
		for _, s := range sites {
			key := ""
			if _, ok := named[s.Ref()]; ok {
				if d, err := e.Detail(ctx, s.Ref()); err == nil {
					key = d.Domain.Key
				}
			}
			if text := txtRecordOf(s, key, trackers(s)); text != "" {
				lines = append(lines, text)
			}
		}
		return recordsMsg{strings.Join(lines, "\n")}
	})
}

// txtRecord returns the TXT records of a site: see txtRecordOf.
func (c *clipboard) txtRecord(s engine.Site, key string) string {
	return txtRecordOf(s, key, c.conn.snap.Status.TrackerURLs(s))
}

// txtRecordOf returns the TXT record that makes the site findable by its name, as a line of a zone file (RFC 1035),
// with a line for its key, if it has one, and for each address of the tracker of the homes. A site without a domain
// gets the name "@", which stands for any.
func txtRecordOf(s engine.Site, key string, trackers []string) string {
	if s.Infohash == "" {
		return ""
	}
	name := "@"
	switch {
	case engine.IsDomain(s.Host):
		name = s.Host + "."
	case engine.IsKey(s.Host):
		key = s.Host
	}
	lines := []string{name + ` TXT "wtpkey=` + s.Infohash + `"`}
	if key != "" {
		lines = append(lines, name+` TXT "wtppub=`+key+`"`)
	}
	for _, u := range engine.TrackerHints(trackers) {
		lines = append(lines, name+` TXT "wtptracker=`+u+`"`)
	}
	return strings.Join(lines, "\n")
}
