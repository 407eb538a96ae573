package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Readers in browsers get a site from the home's engine, and then from each other when that gives nothing any more:
// all of it over WebRTC, since the home gives its web seed to none of them.
func TestLoaderInASwarm(t *testing.T) {
	t.Parallel()
	if !inInternet(t, peers.ChromiumTool, peers.FirefoxTool) {
		return
	}
	h := startLoaderHome(t, map[string]string{
		"Chromium": readersSite(t, "Chromium"), "Firefox": readersSite(t, "Firefox"),
	})
	browser := startBrowser(t)
	inChromium := func(t *testing.T) onlooker {
		o, _ := chromiumReader(t, browser, noWebSeed)
		return o
	}
	inFirefox := func(t *testing.T) onlooker {
		o, f := firefoxReader(t)
		f.Block(t, webSeedPath)
		return o
	}
	for first, readers := range map[string][]func(*testing.T) onlooker{
		"Chromium": {inChromium, inChromium},
		"Firefox":  {inFirefox, inChromium, inFirefox},
	} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			h.sites[first].readInTurn(t, first, readers)
		})
	}
}

// readInTurn has readers come one after the other, of whom only the first gets anything from the home's engine.
func (s loaderSite) readInTurn(t *testing.T, mark string, readers []func(*testing.T) onlooker) {
	for i, start := range readers {
		before := s.sent(t)
		o := start(t)
		o.visit(s.root)
		o.awaitPage(t, s, "", mark+" first")
		o.awaitWorker(t)
		o.awaitAll(t)
		o.follow(t, s, "second.html", mark+" second")
		o.awaitInside(t, "the picture", "document.images[0].naturalWidth === 60")
		after := s.sent(t)
		switch {
		case i == 0 && after.Uploaded-before.Uploaded < s.Size:
			t.Errorf("the engine gave the first reader %d bytes of %d", after.Uploaded-before.Uploaded, s.Size)
		case i > 0 && after.Uploaded != before.Uploaded:
			t.Errorf("the engine is paused, and gave %d bytes", after.Uploaded-before.Uploaded)
		}
		if i == 0 {
			s.home.Run(t, "pause", s.Host)
		}
	}
	asked := s.asked()
	// The first page is there before the loader is: the frame's, and what is in it.
	if len(asked) < 2 || asked[0] != "/" || !slices.Contains(asked[1:], "/") {
		t.Errorf("the first page has not come plainly: %q", asked)
	}
	laterOnes := []string{"/second.html", "/picture.svg", "/more.bin"}
	for _, path := range asked {
		if strings.HasPrefix(path, webSeedPath) || slices.Contains(laterOnes, path) {
			t.Errorf("somebody asked the home for %s", path)
		}
	}
}

// Somebody hears the end of a sound before all of it has come, over a slow line of the engine's; and when the engine
// gives nothing any more in the midst of it, the rest comes from the home.
func TestLoaderSeeks(t *testing.T) {
	t.Parallel()
	if !inInternet(t, peers.ChromiumTool, peers.FirefoxTool) {
		return
	}
	sites := map[string]string{"Chromium": soundSite(t), "Firefox": soundSite(t)}
	h := startLoaderHome(t, sites, "--up-limit", "200K")
	for name, start := range bothBrowsers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, o := h.sites[name], start(t)
			o.visit(s.root)
			o.awaitPage(t, s, "", "Sound")
			o.awaitWorker(t)
			o.await(t, "a peer", peersShown+" > 0")
			o.read(t, "void ("+noWebSeed+")")
			got := o.read(t, inside(seekToTheEnd))
			if o.read(t, allIsHere) == "true" {
				t.Error("all was here before somebody wanted the end")
			}
			o.read(t, "void "+webSeedAgain)
			if want := fmt.Sprintf("%d %d", soundSeconds, soundSeconds-1); got != want {
				t.Errorf("the sound is %q, want %q: its length, and where it is heard", got, want)
			}
			h.Run(t, "pause", s.Host)
			o.awaitAll(t)
		})
	}
}

// seekToTheEnd goes to the last second of a sound that has just begun to load.
const seekToTheEnd = `new Promise((resolve, reject) => {
	const sound = document.querySelector('audio')
	sound.onerror = () => reject(new Error(sound.error.message))
	sound.onloadedmetadata = () => sound.currentTime = sound.duration - 1
	sound.onseeked = () => resolve([sound.duration, sound.currentTime].map(Math.round).join(' '))
	sound.preload = 'auto'
	sound.load()
})`

// A reader whose site changes goes on with the version that is open, is told of the new one, and opens it by hand.
func TestLoaderOffersTheNewVersion(t *testing.T) {
	t.Parallel()
	if !inInternet(t, peers.ChromiumTool, peers.FirefoxTool) {
		return
	}
	h := startLoaderHome(t, map[string]string{"Chromium": readersSite(t, "old"), "Firefox": readersSite(t, "old ")})
	for name, start := range bothBrowsers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h.sites[name].update(t, start(t))
		})
	}
}

func (s loaderSite) update(t *testing.T, o onlooker) {
	t.Helper()
	o.visit(s.root)
	o.awaitInside(t, "the old version", "document.title.startsWith('old')")
	o.awaitWorker(t)
	o.awaitAll(t)
	publish(t, s.home.Wtptui, readersSite(t, "new"), "--name", s.name)
	o.read(t, lookForNews)
	o.await(t, "the new version to be offered", newVersionOffered)
	o.read(t, inside("document.querySelector('a[href=\"second.html\"]').click()"))
	o.awaitInside(t, "the old second page", "/^old +second$/.test(document.title)")
	o.read(t, openNewVersion)
	o.awaitInside(t, "the new version", "document.title.startsWith('new')")
}

// A peer that says that it has the site and sends something else spoils nothing: the loader drops it, and the reader
// sees what was published.
func TestLoaderDropsALiar(t *testing.T) {
	t.Parallel()
	if !inInternet(t, peers.ChromiumTool, peers.WebTorrentTool) {
		return
	}
	h := startLoaderHome(t, map[string]string{"liar": readersSite(t, "liar")})
	s := h.sites["liar"]
	liar := peers.StartPageLiar(t, "magnet:?xt=urn:btih:"+s.Infohash+"&tr=wss://"+s.name+"/announce")
	h.Run(t, "pause", s.Host)
	o, _ := chromiumReader(t, startBrowser(t), noWebSeed)
	o.visit(s.root)
	o.awaitPage(t, s, "", "liar first")
	o.awaitWorker(t)
	liar.WaitLie(t, waitLong)
	o.await(t, "the liar to be dropped", peersShown+" === 0 && !("+allIsHere+")")
	o.read(t, "void "+webSeedAgain)
	o.awaitAll(t)
	o.follow(t, s, "second.html", "liar second")
	for _, path := range peers.Files(t, s.dir) {
		s.sameInside(t, o, path)
	}
}

// sameInside checks that the frame gets a file as it was published.
func (s loaderSite) sameInside(t *testing.T, o onlooker, path string) {
	t.Helper()
	if got, want := o.read(t, inside(fmt.Sprintf(sumOf, "/"+path))), sumOfFile(t, s.dir, path); got != want {
		t.Errorf("%s is %s, want %s", path, got, want)
	}
}
