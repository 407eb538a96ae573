package peers

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Firefox is a running Firefox with one tab and a profile of its own.
type Firefox struct {
	process *process
	conn    *marionette
}

// firefoxPrefs keep Firefox silent on the network and about the console, and let it meet WebRTC peers on loopback: a
// candidate with an mDNS name would need a resolver for it. Firefox chooses the port by which it is driven.
const firefoxPrefs = `user_pref("marionette.port", 0);
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("media.peerconnection.ice.loopback", true);
user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("signon.autofillForms", false);
user_pref("toolkit.telemetry.server", "data:,");
`

// StartFirefox runs Debian's Firefox, without a window, until the test ends. What pages see of it is of the given size
// in pixels. It needs FirefoxTool.
func StartFirefox(t testing.TB, width, height int) *Firefox {
	t.Helper()
	return StartFirefoxAt(t, PlainDir(t), width, height)
}

// StartFirefoxAt is StartFirefox of a person with a home folder, in which there may be what other programs have told
// browsers.
func StartFirefoxAt(t testing.TB, home string, width, height int) *Firefox {
	t.Helper()
	Require(t, FirefoxTool)
	return startFirefox(t, home, width, height)
}

func startFirefox(t testing.TB, home string, width, height int) *Firefox {
	t.Helper()
	dir := filepath.Join(home, "profile")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "user.js"), []byte(firefoxPrefs), 0o600); err != nil {
		t.Fatal(err)
	}
	// Only what may look into the program itself can read its console.
	cmd := exec.Command(string(FirefoxTool), "--headless", "--no-remote", "--marionette", "--remote-allow-system-access",
		"--profile", dir)
	cmd.Env = append(loopbackEnv(), "HOME="+home)
	f := &Firefox{process: newProcess(cmd)}
	f.process.start(t)
	var port string
	Eventually(t, 2*time.Minute, "Firefox to say where it listens", func() error {
		select {
		case <-f.process.exited:
			t.Fatalf("Firefox ended: %v: %s", f.process.err, f.process.stderr)
		default:
		}
		text, err := os.ReadFile(filepath.Join(dir, "MarionetteActivePort"))
		port = strings.TrimSpace(string(text))
		if err == nil && port == "" {
			err = fmt.Errorf("its file is empty: %s", f.process.stderr)
		}
		return err
	})
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatalf("peers: Firefox: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	f.conn = newMarionette(conn)
	if err := f.conn.greet(time.Now().Add(remainingTime(t, time.Minute))); err != nil {
		t.Fatalf("peers: Firefox: %v", err)
	}
	// The certificates of an internet are nobody's.
	f.command(t, "WebDriver:NewSession", map[string]any{"pageLoadStrategy": "none", "acceptInsecureCerts": isInInternet()})
	f.resize(t, width, height)
	return f
}

// resize makes the window so large that its inside has the given size. No window of Firefox is narrower than 500
// pixels.
func (f *Firefox) resize(t testing.TB, width, height int) {
	t.Helper()
	Eventually(t, time.Minute, "the window to have its size", func() error {
		var is struct{ Width, Height, Around, Above int }
		const measure = "return {Width: innerWidth, Height: innerHeight, " +
			"Around: outerWidth - innerWidth, Above: outerHeight - innerHeight}"
		if err := f.tryScript(&is, measure); err != nil || is.Width == width && is.Height == height {
			return err
		}
		f.command(t, "WebDriver:SetWindowRect", map[string]any{"width": width + is.Around, "height": height + is.Above})
		return fmt.Errorf("it was %v", is)
	})
}

// Navigate loads a page as if its address was typed, and clears the console. It does not wait for the page.
func (f *Firefox) Navigate(t testing.TB, url string) {
	t.Helper()
	f.RunPrivileged(t, "Services.console.reset()", nil)
	f.command(t, "WebDriver:Navigate", map[string]any{"url": url})
}

// SetPref changes a setting of Firefox to a truth value or a whole number, for pages that are opened from now on.
func (f *Firefox) SetPref(t testing.TB, name string, value any) {
	t.Helper()
	kind := "Int"
	if _, ok := value.(bool); ok {
		kind = "Bool"
	}
	f.RunPrivileged(t, fmt.Sprintf("Services.prefs.set%sPref(%q, %v)", kind, name, value), nil)
}

// ClearCookies forgets all cookies.
func (f *Firefox) ClearCookies(t testing.TB) {
	t.Helper()
	f.RunPrivileged(t, "Services.cookies.removeAll()", nil)
}

// Click clicks on the first element of the page that a CSS selector matches, as soon as there is one. It does not need
// the page's scripts.
func (f *Firefox) Click(t testing.TB, selector string) {
	t.Helper()
	Eventually(t, time.Minute, selector, func() error {
		var found struct{ Value map[string]string }
		by := map[string]any{"using": "css selector", "value": selector}
		if err := f.conn.call(&found, "WebDriver:FindElement", by); err != nil {
			return err
		}
		var err error
		for _, id := range found.Value { // There is one, under a name that the standard chose.
			err = f.conn.call(nil, "WebDriver:ElementClick", map[string]any{"id": id})
		}
		return err
	})
}

// Title returns the title of the page, whether it runs scripts or not; empty while the page is not there yet, and for
// one that has frames.
func (f *Firefox) Title(t testing.TB) string {
	t.Helper()
	var title string
	f.RunPrivileged(t, `const tab = gBrowser.selectedBrowser
	return tab.webProgress.isLoadingDocument || tab.browsingContext.children.length ? "" : tab.contentTitle`, &title)
	return title
}

// BlockRequests blocks all requests whose URL contains a text, as long as Firefox runs.
func (f *Firefox) BlockRequests(t testing.TB, text string) {
	t.Helper()
	f.RunPrivileged(t, fmt.Sprintf(`Services.obs.addObserver({ observe(request) {
		if (request.QueryInterface(Ci.nsIHttpChannel).URI.spec.includes(%q)) request.cancel(Cr.NS_BINDING_ABORTED)
	} }, "http-on-modify-request")`, text), nil)
}

// OpenPrivate opens a private window, in which later visits are shown.
func (f *Firefox) OpenPrivate(t testing.TB) {
	t.Helper()
	f.openWindow(t, map[string]any{"type": "window", "private": true, "focus": true})
}

func (f *Firefox) openWindow(t testing.TB, how map[string]any) {
	t.Helper()
	var opened struct{ Handle string }
	err := f.conn.call(&opened, "WebDriver:NewWindow", how)
	if err != nil {
		t.Fatalf("peers: Firefox: %v", err)
	}
	f.command(t, "WebDriver:SwitchToWindow", map[string]any{"handle": opened.Handle})
}

// OpenTab opens a tab, in which later visits are shown.
func (f *Firefox) OpenTab(t testing.TB) {
	t.Helper()
	f.openWindow(t, map[string]any{"type": "tab", "focus": true})
}

// CloseTab closes the tab that OpenTab has opened last, or the first one, and shows the first of the others.
func (f *Firefox) CloseTab(t testing.TB) {
	t.Helper()
	var left []string
	if err := f.conn.call(&left, "WebDriver:CloseWindow", nil); err != nil {
		t.Fatalf("peers: Firefox: %v", err)
	}
	f.command(t, "WebDriver:SwitchToWindow", map[string]any{"handle": left[0]})
}

// Install loads the extension in a folder until Firefox ends.
func (f *Firefox) Install(t testing.TB, dir string) {
	t.Helper()
	f.command(t, "Addon:Install", map[string]any{"path": dir, "temporary": true})
}

// Eval decodes the value of an expression in the page. A promise is awaited. An error may mean that the page is
// navigating away.
func (f *Firefox) Eval(into any, expression string) error {
	return f.tryScript(into, "return ("+expression+")")
}

// Screenshot returns a PNG of what the tab shows.
func (f *Firefox) Screenshot() ([]byte, error) {
	var answer struct{ Value []byte }
	err := f.conn.call(&answer, "WebDriver:TakeScreenshot", map[string]any{"full": false})
	return answer.Value, err
}

// Console returns the browser's messages about pages since the last Navigate, a line each, sorted and without doubles:
// errors and warnings of scripts, styles, policies and blocked loads. What pages themselves write is not among them.
func (f *Firefox) Console(t testing.TB) []string {
	t.Helper()
	// The chrome: and resource: addresses are of the browser's own parts.
	const read = `return [...new Set(Services.console.getMessageArray()
		.filter((m) => m instanceof Ci.nsIScriptError && m.sourceName !== undefined)
		.filter((m) => !/^(chrome|resource|moz-extension):/.test(m.sourceName))
		.map((m) => [m.category, m.errorMessage, m.sourceName + ':' + m.lineNumber].join(' | ')))].sort()`
	var lines []string
	f.RunPrivileged(t, read, &lines)
	return lines
}

// RunPrivileged runs a script in Firefox itself instead of the page, and decodes what it returns.
func (f *Firefox) RunPrivileged(t testing.TB, script string, into any) {
	t.Helper()
	f.command(t, "Marionette:SetContext", map[string]any{"value": "chrome"})
	defer f.command(t, "Marionette:SetContext", map[string]any{"value": "content"})
	if err := f.tryScript(into, script); err != nil {
		t.Fatalf("peers: Firefox: %v", err)
	}
}

func (f *Firefox) tryScript(into any, script string) error {
	var answer struct{ Value json.RawMessage }
	err := f.conn.call(&answer, "WebDriver:ExecuteScript", map[string]any{"script": script, "args": []any{}})
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer.Value, into)
}

func (f *Firefox) command(t testing.TB, name string, params map[string]any) {
	t.Helper()
	if err := f.conn.call(nil, name, params); err != nil {
		t.Fatalf("peers: Firefox: %v", err)
	}
}

// tryFirefox has the browser run the script of a page on loopback.
func tryFirefox(t testing.TB) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>page</title><script>document.title += ' works'</script>"))
	}))
	t.Cleanup(server.Close)
	f := startFirefox(t, PlainDir(t), 500, 400)
	f.Navigate(t, server.URL)
	Eventually(t, time.Minute, "Firefox to run the page's script", func() error {
		var title string
		if err := f.Eval(&title, "document.title"); err != nil || title == "page works" {
			return err
		}
		return fmt.Errorf("the title is %q", title)
	})
}
