package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Readers in browsers get a site from the home's engine, and later from each other, when the engine uploads nothing any
// more: all over WebRTC, since the home disables its web seed.
func TestLoaderReadersShareTheSite(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.ChromiumTool, peers.FirefoxTool) {
		return
	}
	h := startLoaderHome(t, map[string]string{
		"Chromium": makeReaderSite(t, "Chromium"), "Firefox": makeReaderSite(t, "Firefox"),
	})
	browser := startBrowser(t)
	inChromium := func(t *testing.T) viewer {
		o, _ := newChromiumViewer(t, browser, noWebSeed)
		return o
	}
	inFirefox := func(t *testing.T) viewer {
		o, f := newFirefoxViewer(t)
		f.BlockRequests(t, webSeedPath)
		return o
	}
	for first, readers := range map[string][]func(*testing.T) viewer{
		"Chromium": {inChromium, inChromium},
		"Firefox":  {inFirefox, inChromium, inFirefox},
	} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			h.sites[first].readInTurn(t, first, readers)
		})
	}
}

// readInTurn has readers open the site one after the other. Only the first gets anything from the home's engine.
func (s loaderSite) readInTurn(t *testing.T, mark string, readers []func(*testing.T) viewer) {
	for i, start := range readers {
		before := s.readSent(t)
		o := start(t)
		o.open(s.root)
		o.waitPage(t, s, "", mark+" first")
		o.waitWorker(t)
		o.waitComplete(t)
		o.followLink(t, s, "second.html", mark+" second")
		o.waitTrueInFrame(t, "the picture", "document.images[0].naturalWidth === 60")
		after := s.readSent(t)
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
	asked := s.requestedPaths()
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

// A reader hears the end of a sound before all of it was downloaded, over a slow connection of the engine. When the
// engine stops uploading in the middle, the rest comes from the home.
func TestLoaderSeeksInASound(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.ChromiumTool, peers.FirefoxTool) {
		return
	}
	sites := map[string]string{"Chromium": makeSoundSite(t), "Firefox": makeSoundSite(t)}
	h := startLoaderHome(t, sites, "--up-limit", "200K")
	for name, start := range viewerStarters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, o := h.sites[name], start(t)
			o.open(s.root)
			o.waitPage(t, s, "", "Sound")
			o.waitWorker(t)
			o.waitTrue(t, "a peer", peersShown+" > 0")
			o.evalString(t, "void ("+noWebSeed+")")
			got := o.evalString(t, inFrame(seekToTheEnd))
			if o.evalString(t, siteIsComplete) == "true" {
				t.Error("all was here before somebody wanted the end")
			}
			o.evalString(t, "void "+webSeedAgain)
			if want := fmt.Sprintf("%d %d", soundSeconds, soundSeconds-1); got != want {
				t.Errorf("the sound is %q, want %q: its length, and where it is heard", got, want)
			}
			h.Run(t, "pause", s.Host)
			o.waitComplete(t)
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

// A reader whose site changes stays on the open version, is told of the new one, and opens it by a click.
func TestLoaderOffersTheNewVersion(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.ChromiumTool, peers.FirefoxTool) {
		return
	}
	h := startLoaderHome(t, map[string]string{"Chromium": makeReaderSite(t, "old"), "Firefox": makeReaderSite(t, "old ")})
	for name, start := range viewerStarters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h.sites[name].checkUpdate(t, start(t))
		})
	}
}

func (s loaderSite) checkUpdate(t *testing.T, o viewer) {
	t.Helper()
	o.open(s.root)
	o.waitTrueInFrame(t, "the old version", "document.title.startsWith('old')")
	o.waitWorker(t)
	o.waitComplete(t)
	publish(t, s.home.Wtptui, makeReaderSite(t, "new"), "--name", s.name)
	o.evalString(t, checkForNewVersion)
	o.waitTrue(t, "the new version to be offered", newVersionOffered)
	o.evalString(t, inFrame("document.querySelector('a[href=\"second.html\"]').click()"))
	o.waitTrueInFrame(t, "the old second page", "/^old +second$/.test(document.title)")
	o.evalString(t, openNewVersion)
	o.waitTrueInFrame(t, "the new version", "document.title.startsWith('new')")
}

// A peer that claims to have the site and sends wrong bytes does no harm: the loader drops it, and the reader sees what
// was published.
func TestLoaderDropsALiar(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.ChromiumTool, peers.WebTorrentTool) {
		return
	}
	h := startLoaderHome(t, map[string]string{"liar": makeReaderSite(t, "liar")})
	s := h.sites["liar"]
	liar := peers.StartPageLiar(t, "magnet:?xt=urn:btih:"+s.Infohash+"&tr=wss://"+s.name+"/announce")
	h.Run(t, "pause", s.Host)
	o, _ := newChromiumViewer(t, startBrowser(t), noWebSeed)
	o.open(s.root)
	o.waitPage(t, s, "", "liar first")
	o.waitWorker(t)
	liar.WaitLie(t, waitLong)
	o.waitTrue(t, "the liar to be dropped", peersShown+" === 0 && !("+siteIsComplete+")")
	o.evalString(t, "void "+webSeedAgain)
	o.waitComplete(t)
	o.followLink(t, s, "second.html", "liar second")
	for _, path := range peers.Files(t, s.dir) {
		s.checkSameInFrame(t, o, path)
	}
}

// checkSameInFrame checks that the frame gets a file as it was published.
func (s loaderSite) checkSameInFrame(t *testing.T, o viewer, path string) {
	t.Helper()
	if got, want := o.evalString(t, inFrame(fmt.Sprintf(fetchSumScript, "/"+path))), fileSum(t, s.dir, path); got != want {
		t.Errorf("%s is %s, want %s", path, got, want)
	}
}
