package companion

import (
	"path/filepath"
	"strings"

	"wtptui/engine"
)

// A browser starts a native host without arguments of the host's own. What it adds identifies the caller: Chromium
// passes the extension's origin (and on Windows a window's number), Firefox the path of the host's manifest and the
// add-on's id. https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging
const chromiumOrigin = "chrome-extension://"

// StartedByBrowser reports whether a program with these arguments was started by a browser, as its native host.
func StartedByBrowser(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case strings.HasPrefix(args[0], chromiumOrigin):
		return true
	}
	return len(args) == 2 && filepath.IsAbs(args[0]) && filepath.Base(args[0]) == HostName+".json"
}

// CheckCaller returns an error of Kind Refused unless the arguments are those of this program's own extension. A host
// must answer nobody else.
func CheckCaller(args []string) error {
	if StartedByBrowser(args) {
		isChromium := args[0] == ChromiumOrigin
		isFirefox := len(args) == 2 && args[1] == GeckoID && filepath.IsAbs(args[0])
		if isChromium || isFirefox {
			return nil
		}
	}
	return &engine.Error{
		Op: "native-host", Kind: engine.Refused,
		Msg: "native-host is started by a browser, for wtptui's own extension: `wtptui companion DIR` writes that, and " +
			"`wtptui register --companion` tells browsers of it",
	}
}
