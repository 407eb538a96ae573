package ui

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// keySite returns the site of the demo that is named by its key and not published here.
func (d *driver) keySite() engine.Site {
	d.t.Helper()
	for _, s := range d.m.conn.snap.Sites {
		if engine.IsKey(s.Host) && !s.Mine {
			return s
		}
	}
	d.t.Fatal("there is no site of a key")
	return engine.Site{}
}

// The page of a key shows who stores the record and how old it is, and no key in full except in an address.
func TestPageOfAKey(t *testing.T) {
	d := newDriver(t, 120, 36)
	s := d.keySite()
	d.mustHide(s.Host)
	d.selectOnMain(s.Host)
	d.press("enter")
	d.mustShow(
		"Key says",
		"Record",
		"Source     the DHT",
		"signed 3d ago",
		"12 nodes, 8m ago",
		"7 of the 8 nearest nodes",
	)
	for line := range strings.SplitSeq(d.screen(), "\n") {
		if strings.Contains(line, s.Host) && !strings.Contains(line, "://") {
			t.Errorf("a key is written out: %s", line)
		}
	}
}

func TestCopyOfAKey(t *testing.T) {
	d := newDriver(t, 120, 36)
	s := d.keySite()
	key, _ := engine.ParseKey(s.Host)
	d.selectSite(s.Host)
	for press, want := range map[string]string{
		"p": "pk:" + s.Host, "b": "magnet:?xs=urn:btpk:" + hex.EncodeToString(key[:]),
		"t": `@ TXT "wtpkey=` + s.Infohash + `"` + "\n" + `@ TXT "wtppub=` + s.Host + `"`,
	} {
		d.press("Y", press)
		if d.clipboard != want {
			t.Errorf("%s copied %q, want %q", press, d.clipboard, want)
		}
	}
	d.selectSite("tomjwatson.com")
	d.press("Y", "t")
	name, err := d.engine.Resolve(t.Context(), "tomjwatson.com")
	if err != nil || !strings.Contains(d.clipboard, `tomjwatson.com. TXT "wtppub=`+name.Key+`"`) {
		t.Errorf("copied %q, %v", d.clipboard, err)
	}
}

// The key that a domain names now is used only after a person has accepted it.
func TestAcceptingAKey(t *testing.T) {
	d := newDriver(t, 120, 36)
	next := d.mustSite("tomjwatson.com").NextKey
	d.selectOnMain("tomjwatson.com")
	d.press("enter")
	d.mustShow("The domain names another key now", "→ accept the new key")
	d.press("T")
	d.mustShow("Accept the new key of Tom J Watson (tomjwatson.com)?", "▸ No", next[:8])
	d.press("enter")
	if d.mustSite("tomjwatson.com").NextKey != next {
		t.Fatal("a question that was not answered with yes accepts a key")
	}
	d.press("T", "y")
	d.mustShow("Accepted the new key of Tom J Watson")
	d.advance(time.Second)
	d.mustHide("→ accept the new key")
	if d.mustSite("tomjwatson.com").NextKey != "" {
		t.Error("the key was not accepted")
	}
}

// A record that was signed elsewhere is replaced only after a question.
func TestTakingOver(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("P")
	d.mustShow("Keys of this machine: key:blog")
	d.typeText("/home/me/conflict-plain")
	d.press("down")
	d.typeText("key:blog")
	d.press("enter", "enter", "y")
	d.mustShow("[Review]", "was signed elsewhere", "▸ Not yet", "Take over")
	d.mustHide("--take-over")
	d.press("y")
	d.mustShow("[Live]", "wtptui keys export blog FILE")
}
