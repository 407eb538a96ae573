package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A cookie that a site sets for all of localhost is visible to no other site and not to the bare host.
func (v *browserFixture) testCookiesStayWithTheirSite(t *testing.T) {
	p := v.openTab(t)
	p.navigate(t, v.site.LocalURL)
	jar := evalInTab[string](t, p, `(() => {
		document.cookie = 'own=1; path=/'
		document.cookie = 'wide=1; path=/; domain=localhost'
		document.cookie = 'wider=1; path=/; domain=.localhost'
		document.cookie = 'named=1; path=/; domain=' + location.hostname
		return document.cookie
	})()`)
	if !strings.Contains(jar, "own=1") || !strings.Contains(jar, "named=1") || strings.Contains(jar, "wide") {
		t.Errorf("the site itself sees the cookies %q", jar)
	}
	for _, url := range []string{v.other.LocalURL + "page.html", v.w.Root} {
		p.navigate(t, url)
		if jar := evalInTab[string](t, p, "document.cookie"); jar != "" {
			t.Errorf("%s sees the cookies %q", url, jar)
		}
		sent, err := chromedp.Run(p.ctx, chromedp.Action[network.GetCookiesResult](
			func(ctx context.Context, _ *chromedp.Target) (network.GetCookiesResult, error) {
				return chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{url}})
			}))
		if err != nil || len(sent.Cookies) != 0 {
			t.Errorf("%s is sent the cookies %v, %v", url, sent.Cookies, err)
		}
	}
}

// readAttempts tries all ways in which a page can read from another origin, and returns what it got.
const readAttempts = `(async (root) => {
	const got = {}
	const element = (name, attribute, url) => new Promise((resolve) => {
		const e = document.createElement(name)
		e.onload = e.oncanplay = () => resolve('loaded')
		e.onerror = () => resolve('refused')
		if (name === 'link') e.rel = 'stylesheet'
		e[attribute] = url
		document.head.append(e)
	})
	const read = (path, options) => fetch(root + path, options).then((r) => r.type + ' ' + r.status, () => 'refused')
	got.fetch = await read('data/numbers.json')
	got.blind = await read('data/numbers.json', { mode: 'no-cors' })
	got.asked = await read('data/numbers.json', { headers: { 'X-Ask': 'first' } })
	got.posted = await read('data/numbers.json', { method: 'POST', mode: 'no-cors' })
	got.image = await element('img', 'src', root + 'picture.svg')
	got.script = await element('script', 'src', root + 'script/classic.js')
	got.style = await element('link', 'href', root + 'style/site.css')
	got.video = await element('video', 'src', root + 'clip.webm')
	return JSON.stringify(got)
})`

// A page of another origin can neither read a site nor find out whether it is here: it gets the same for a site that is
// here and for one that is not.
func (v *browserFixture) testOtherOriginsReadNothing(t *testing.T) {
	unknown := strings.Replace(v.site.LocalURL, v.site.InfoHash, unseededHost, 1)
	for _, from := range []string{v.outsider.URL, v.other.LocalURL + "page.html"} {
		p := v.openTab(t)
		p.navigate(t, from)
		known := evalInTab[string](t, p, fmt.Sprintf("%s(%q)", readAttempts, v.site.LocalURL))
		if strings.Contains(known, "loaded") || strings.Contains(known, "cors") || strings.Contains(known, "basic") {
			t.Errorf("%s got %s", from, known)
		}
		if other := evalInTab[string](t, p, fmt.Sprintf("%s(%q)", readAttempts, unknown)); other != known {
			t.Errorf("%s got %s of an unknown site and %s of a known one", from, other, known)
		}
	}
	own := v.openTab(t)
	own.navigate(t, v.site.LocalURL)
	got := evalInTab[string](t, own, fmt.Sprintf("%s(%q)", readAttempts, v.site.LocalURL))
	if strings.Count(got, "loaded") != 4 {
		t.Errorf("the site itself got %s", got)
	}
}

// A page elsewhere cannot make wtptui join a swarm: what it can open is a page that asks, and nothing is announced
// until the person goes on.
func (v *browserFixture) testOtherOriginsCannotJoinSwarms(t *testing.T) {
	const hash = "0123456789abcdef0123456789abcdef01234567"
	url := strings.Replace(v.site.LocalURL, v.site.InfoHash, hash, 1)
	p := v.openTab(t)
	p.navigate(t, v.outsider.URL)
	evalInTab[string](t, p, fmt.Sprintf("%s(%q)", readAttempts, url))
	for _, drive := range []string{
		"void (location = %q)",
		"void (() => { const f = document.createElement('form'); f.action = %q; document.body.append(f); f.submit() })()",
	} {
		p.navigate(t, v.outsider.URL)
		if _, err := tryEval[*string](p, fmt.Sprintf(drive, url)); err != nil {
			t.Fatal(err)
		}
		p.waitTrue(t, "the page that asks",
			fmt.Sprintf("location.host === new URL(%q).host && document.readyState === 'complete'", url))
		if links := evalInTab[int](t, p, "document.querySelectorAll('a[href]').length"); links == 0 {
			t.Error("the page that asks has no link to go on")
		}
		if _, there := v.w.Find(t, hash); there {
			t.Fatal("a page elsewhere has opened a site")
		}
	}
	if heard := v.tracker.Announces(hash); len(heard) != 0 {
		t.Errorf("the tracker has heard of the site: %v", heard)
	}
	p.run(t, chromedp.Click(chromedp.CSS("main a[href], a[href]")))
	v.w.WaitSite(t, browserStepTimeout, hash, "to be opened by the person", func(peers.Site) error { return nil })
	v.w.Run(t, "remove", hash)
}

// Neither a page elsewhere nor another site can show a site in a frame. The site itself can, as its index.html does.
func (v *browserFixture) testNoFramesInOtherOrigins(t *testing.T) {
	framed := v.site.LocalURL + "docs/framed.html"
	for _, from := range []string{v.outsider.URL, v.other.LocalURL + "page.html"} {
		p := v.openTab(t)
		p.navigate(t, from)
		heard := evalInTab[int](t, p, fmt.Sprintf(`new Promise((resolve) => {
			let heard = 0
			addEventListener('message', () => heard++)
			const frame = document.createElement('iframe')
			frame.onload = () => setTimeout(() => resolve(heard), 100)
			frame.src = %q
			document.body.append(frame)
		})`, framed))
		if heard != 0 {
			t.Errorf("%s has framed a page of the site", from)
		}
		refused := func(status int64) bool { return status == http.StatusForbidden }
		if from == v.outsider.URL {
			peers.Eventually(t, browserStepTimeout, "the answer to the frame", func() error {
				if !slices.ContainsFunc(p.responseStatuses(framed), refused) {
					return errors.New("there was no 403")
				}
				return nil
			})
		}
		// What another site asks for does not even come to wtptui, since the browser keeps sites from this computer.
		if got := p.responseStatuses(framed); slices.ContainsFunc(got, func(status int64) bool { return !refused(status) }) {
			t.Errorf("%s: the frame got %v, want 403", from, got)
		}
	}
}

// A site's scripts can load its own files, and nothing else from this computer or its network.
func (v *browserFixture) testLocalNetworkIsOutOfReach(t *testing.T) {
	const scan = `fetch(%q).then(() => 'reached', () => 'blocked')`
	target := v.outsider.URL + "/router"
	p := v.openTab(t)
	p.navigate(t, v.site.LocalURL)
	if got := evalInTab[int](t, p, "fetch('data/numbers.json').then((r) => r.status)"); got != http.StatusOK {
		t.Errorf("the site's own file: %d", got)
	}
	if got := evalInTab[string](t, p, fmt.Sprintf(scan, target)); got != "blocked" || v.outsider.hasRequest("/router") {
		t.Errorf("a server on this computer: %s", got)
	}
	// The same from a page without wtptui's policy, so that it is known to be what blocks.
	p.navigate(t, strings.Replace(v.outsider.URL, "127.0.0.1", "free.localhost", 1))
	if got := evalInTab[string](t, p, fmt.Sprintf(scan, target)); got != "reached" {
		t.Errorf("a page without the policy: %s", got)
	}
}

// foreignRequests tries all ways in which a page requests something from other servers, and returns which of them its
// policy has blocked.
const foreignRequests = `(async (root, stun) => {
	const stopped = []
	addEventListener('securitypolicyviolation', (e) => stopped.push(e.effectiveDirective))
	const element = (name, attribute, url) => new Promise((resolve) => {
		const e = document.createElement(name)
		e.onload = e.onerror = resolve
		if (name === 'link') e.rel = 'stylesheet'
		e[attribute] = url
		document.body.append(e)
	})
	await fetch(root + '/fetched').catch(() => {})
	await element('img', 'src', root + '/image')
	await element('script', 'src', root + '/script')
	await element('link', 'href', root + '/style')
	await element('iframe', 'src', root + '/frame')
	await element('video', 'src', root + '/video')
	navigator.sendBeacon(root + '/beacon')
	try { new WebSocket(root.replace('http', 'ws') + '/socket') } catch {}
	window.pc = new RTCPeerConnection({ iceServers: [{ urls: stun }] })
	await new Promise((resolve) => {
		setTimeout(resolve, 1000) // a STUN server is asked at once, and then waited for
		pc.onicecandidate = (e) => e.candidate ?? resolve()
		pc.createDataChannel('x')
		pc.createOffer().then((offer) => pc.setLocalDescription(offer)).catch(resolve)
	})
	return [eval('1 + 1'), ...new Set(stopped)].join(' ')
})`

// With "no clearnet" on, a site works and requests nothing from other origins. Its links to other sites still work.
func (v *browserFixture) testNoClearnet(t *testing.T) {
	v.w.Run(t, "no-clearnet", v.site.Host)
	p := v.openTab(t)
	p.navigate(t, v.site.LocalURL)
	p.waitTrue(t, "the site to work", "document.documentElement.dataset.done === 'yes'")
	root := strings.Replace(v.outsider.URL, "127.0.0.1", "clear.localhost", 1)
	got := evalInTab[string](t, p, fmt.Sprintf("%s(%q, %q)", foreignRequests, root, v.outsider.stun))
	for _, want := range []string{
		"2 ", "connect-src", "img-src", "script-src-elem", "style-src-elem", "frame-src", "media-src",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the policy has stopped %s, want %s too", got, want)
		}
	}
	for _, path := range []string{
		"/fetched", "/image", "/script", "/style", "/frame", "/video", "/beacon", "/socket", "stun",
	} {
		if v.outsider.hasRequest(path) {
			t.Errorf("somebody else was asked for %s", path)
		}
	}
	p.run(t, chromedp.Click(chromedp.CSS("#other")))
	p.waitTrue(t, "the other site", "document.title === 'The other site'")
	p.navigate(t, v.site.LocalURL)
	if _, err := tryEval[*string](p, fmt.Sprintf("void (location = %q)", root+"/taken")); err != nil {
		t.Fatal(err)
	}
	p.waitTrue(t, "the browser to refuse to leave", "document.URL.startsWith('chrome-error:')")
	if v.outsider.hasRequest("/taken") {
		t.Error("a page has taken its reader elsewhere")
	}

	// The same without the policy, so that it is known to be what blocks, and in the same tab, which has the page cached.
	v.w.Run(t, "clearnet", v.site.Host)
	p.navigate(t, v.site.LocalURL)
	if got := evalInTab[string](t, p, fmt.Sprintf("%s(%q, %q)", foreignRequests, root, v.outsider.stun)); got != "2" {
		t.Errorf("with the clearnet back, the policy has stopped %s", got)
	}
	peers.Eventually(t, browserStepTimeout, "the STUN server to be asked", func() error {
		if !v.outsider.hasRequest("stun") {
			return errors.New("it was not")
		}
		return nil
	})
}

// After a site is removed, the next request has the browser delete all that the site has stored: cookies, storage,
// service workers.
func (v *browserFixture) testRemovedSiteLeavesNothing(t *testing.T) {
	const left = `(async () => JSON.stringify([document.cookie, localStorage.length, (await indexedDB.databases()).length,
		(await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]))()`
	p := v.openTab(t)
	p.navigate(t, v.site.LocalURL)
	before := evalInTab[string](t, p, `(async () => {
		document.cookie = 'left=1; path=/; max-age=1000'
		localStorage.setItem('left', '1')
		await new Promise((resolve) => { indexedDB.open('left').onsuccess = resolve })
		await (await caches.open('left')).put('/left', new Response('left'))
		await navigator.serviceWorker.register('worker-service.js')
		await navigator.serviceWorker.ready
	})().then(() => `+left+`)`)
	if strings.Contains(before, `""`) || strings.Contains(before, "0") {
		t.Fatalf("the site has stored %s", before)
	}
	v.w.Run(t, "remove", "--now", v.site.Host)
	// Nobody seeds it any more, so what is there now is a page of wtptui's own, which looks again and again. Only its
	// first answer has the browser forget.
	p.navigate(t, v.site.LocalURL)
	peers.Eventually(t, browserStepTimeout, "nothing to be left", func() error {
		after, err := tryEval[string](p, left)
		if err == nil && after != `["",0,0,0,0]` {
			err = fmt.Errorf("it is %s, of %s", after, before)
		}
		return err
	})
}
