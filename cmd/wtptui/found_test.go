package main

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// foundSites returns two sites that were found in the data folder: one with its .torrent, and one without.
func foundSites() []engine.Site {
	return []engine.Site{
		{
			Host: "4a7b1d0c9e2f3a5b6c7d8e9f0a1b2c3d4e5f6071", Title: "Letters", State: engine.Found, Size: 2048,
			Awaiting: engine.FoundAwaiting,
		},
		{Host: "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", State: engine.Found, Size: -1, Awaiting: engine.FoundAwaiting},
	}
}

func TestListOfFoundSites(t *testing.T) {
	var b strings.Builder
	printSites(&b, foundSites(), now)
	want := `
STATE  KEPT   HOST                                      SIZE  DONE  DOWN    UP  PEERS  EXPIRES  TITLE OR ERROR
found  found  4a7b1d0c9e2f3a5b6c7d8e9f0a1b2c3d4e5f6071  2.0K    0%  0B/s  0B/s    0/0    never  Letters
found  found  c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00     ?    0%  0B/s  0B/s    0/0    never  found in the data folder: resume, pin or remove it
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got%swant%s", got, want)
	}
}

func TestShowSaysWhatAFoundSiteWaitsFor(t *testing.T) {
	site := foundSites()[0]
	for awaiting, want := range map[string]string{
		site.Awaiting: "waits for  you: it was found in the data folder, and is neither served nor in the swarm. " +
			"`wtptui resume " + site.Host + "` takes it up",
		"checking the data": "waits for  checking the data\n",
	} {
		site.Awaiting = awaiting
		var b strings.Builder
		printDetail(&b, engine.Detail{Site: site})
		if !strings.Contains(b.String(), want) {
			t.Errorf("got %s\nwant %q in it", b.String(), want)
		}
	}
}
