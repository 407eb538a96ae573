package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// scanningFrame is a frame that sends requests to another server on this computer in all ways it can, and in the end
// navigates there.
const scanningFrame = `<!doctype html><script>
const element = (name, attribute, url) => new Promise((resolve) => {
	const e = document.createElement(name)
	e.onload = e.onerror = resolve
	e[attribute] = url
	document.head.append(e)
})
const root = 'OUTSIDER'
Promise.all([
	fetch(root + '/fetched', { mode: 'no-cors' }).catch(() => {}),
	element('img', 'src', root + '/image'), element('script', 'src', root + '/script'),
]).then(() => {
	parent.postMessage('going', '*')
	location = root + '/taken'
})
</script>`

// Frames of a site with the sandbox attribute show what they show over HTTP, and do what the attribute allows. A page
// elsewhere cannot pass itself off as such a frame, whether third-party cookies are allowed or not, and such a frame
// reaches no more of this computer than the site does.
func TestSandboxedFramesWorkAndReachNothingElse(t *testing.T) {
	t.Parallel()
	outsider := startForeignServer(t)
	w := startWtptui(t, "--tracker", "none")
	files := sandboxedFrameSite().files
	files["scan.html"] = `<!doctype html><iframe sandbox="allow-scripts" src="scanning.html"></iframe>
<script>window.tried = new Promise((resolve) => addEventListener('message', (e) => resolve(e.data)))</script>`
	files["scanning.html"] = strings.ReplaceAll(scanningFrame, "OUTSIDER", outsider.URL)
	dir := filepath.Join(t.TempDir(), "sandbox")
	for name, content := range files {
		writeFile(t, filepath.Join(dir, name), content)
	}
	root := publish(t, w, dir).LocalURL
	for name, open := range map[string]func(*testing.T) browserWindow{
		"Chromium without cookies of others": func(t *testing.T) browserWindow { return openChromiumWithCookieMode(t, 1) },
		"Chromium with cookies of others":    func(t *testing.T) browserWindow { return openChromiumWithCookieMode(t, 0) },
		"Firefox":                            openFirefox,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			got := o.open(t, root, "")
			// Chromium blocks what such a frame asks of this computer, also of the site itself.
			if name == "Firefox" && !strings.Contains(got, "style 11px, script ran, picture shown, origin null") {
				t.Errorf("the site's own frame: %s", got)
			}
			checkSandboxedFrameOfAnotherPage(t, o, outsider.URL, root)
			// There is nothing yet that keeps a site in Firefox from this computer.
			if name != "Firefox" {
				checkSandboxedFrameReachesNothing(t, o, outsider, root)
			}
		})
	}
}

// openChromiumWithCookieMode opens a Chromium with the given setting for third-party cookies: 0 allows all, 1 blocks
// all.
func openChromiumWithCookieMode(t *testing.T, mode int) browserWindow {
	t.Helper()
	profile := peers.PlainDir(t)
	writeFile(t, filepath.Join(profile, "Default", "Preferences"),
		fmt.Sprintf(`{"profile":{"cookie_controls_mode":%d}}`, mode))
	return openChromiumTab(t, startBrowserWithProfile(t, profile))
}

// checkSandboxedFrameOfAnotherPage checks that a page elsewhere gets nothing of a site through a sandboxed frame, with
// or without a Referer.
func checkSandboxedFrameOfAnotherPage(t *testing.T, o browserWindow, elsewhere, root string) {
	t.Helper()
	o.open(t, elsewhere, "/")
	for _, policy := range []string{"unsafe-url", "no-referrer"} {
		inner := fmt.Sprintf("<meta name=referrer content=%s>"+
			"<script>%s(%q).then((got) => parent.postMessage(got, '*'))</script>", policy, readAttempts, root)
		got, err := o.text(fmt.Sprintf(`new Promise((resolve) => {
			addEventListener('message', (e) => resolve(e.data), { once: true })
			const frame = document.createElement('iframe')
			frame.sandbox = 'allow-scripts'
			frame.srcdoc = %q
			document.body.append(frame)
		})`, inner))
		if err != nil || !strings.Contains(got, "refused") {
			t.Errorf("%s: the frame elsewhere says %q, %v", policy, got, err)
		}
		if strings.Contains(got, "loaded") || strings.Contains(got, "cors") || strings.Contains(got, "basic") {
			t.Errorf("%s: the frame elsewhere got %s", policy, got)
		}
	}
}

// checkSandboxedFrameReachesNothing checks that a sandboxed frame of a site reaches no other server on this computer.
func checkSandboxedFrameReachesNothing(t *testing.T, o browserWindow, outsider *foreignServer, root string) {
	t.Helper()
	o.open(t, root, "scan.html")
	// Where a frame was kept from going, nothing tells: what it would have reached is on the same computer.
	tried, err := o.text("tried.then((what) => new Promise((resolve) => setTimeout(resolve, 1000, what)))")
	if err != nil || tried != "going" {
		t.Errorf("the frame has not tried: %q, %v", tried, err)
	}
	for _, path := range []string{"/fetched", "/image", "/script", "/taken"} {
		if outsider.hasRequest(path) {
			t.Errorf("a sandboxed frame has reached %s on this computer", path)
		}
	}
}
