package companion_test

import (
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/companion"
)

// Neither a page nor another extension gets anything from the companion or its host.
func TestOtherPagesAndExtensionsGetNothing(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Start(t)
	site, _ := r.addCachedSite(t, "Tides")
	evil := filepath.Join(r.home, "evil")
	writeFile(t, filepath.Join(evil, "manifest.json"), `{
		"manifest_version": 3, "name": "evil", "version": "1", "permissions": ["nativeMessaging", "tabs"],
		"host_permissions": ["<all_urls>"], "background": {"service_worker": "evil.js"}}`)
	writeFile(t, filepath.Join(evil, "evil.js"), "")
	writeFile(t, filepath.Join(evil, "evil.html"), "<!doctype html><title>evil</title>")
	page, resolver := startClearnetPage(t, "")
	c := startChromium(t, r.home, resolver, r.extension+","+evil)
	own := c.openTab(t, popupURL(""))
	own.waitContains(t, "wtptui", bodyTextScript, "Tides")

	other := c.openTab(t, strings.Replace(c.waitBackground(t, "evil.js").URL, "evil.js", "evil.html", 1))
	for what, script := range map[string]string{
		"start the host": `new Promise(resolve => {
			const port = chrome.runtime.connectNative('` + companion.HostName + `')
			port.onMessage.addListener(message => resolve('told ' + JSON.stringify(message)))
			port.onDisconnect.addListener(() => resolve('refused: ' + chrome.runtime.lastError.message))
			port.postMessage({ id: 1, op: 'find' })
		})`,
		"ask the companion": `chrome.runtime.sendMessage('` + companion.ChromiumID + `', { op: 'find', text: '' }).then(
			answer => 'told ' + JSON.stringify(answer), error => 'refused: ' + error.message)`,
	} {
		if got, err := evalInTab[string](other, script); err != nil || !strings.HasPrefix(got, "refused: ") {
			t.Errorf("another extension can %s: %q, %v", what, got, err)
		}
	}

	for _, where := range []string{page, site.LocalURL} { // A site of the swarm is as foreign as any page.
		tab := c.openTab(t, where)
		for what, script := range map[string]string{
			"send the companion a message": `String(globalThis.chrome?.runtime?.sendMessage ?? 'refused')`,
			"read a file of the companion": "fetch('" + companion.ChromiumOrigin +
				"popup.html').then(() => 'read', () => 'refused')",
			"import one": "import('" + companion.ChromiumOrigin +
				"links.js').then(() => 'read', () => 'refused')",
		} {
			if got, err := evalInTab[string](tab, script); err != nil || !strings.HasSuffix(got, "refused") {
				t.Errorf("%s can %s: %q, %v", where, what, got, err)
			}
		}
	}
	if s, there := r.w.Find(t, site.Host); !there || s.Pinned {
		t.Errorf("the site is %+v", s)
	}
}
