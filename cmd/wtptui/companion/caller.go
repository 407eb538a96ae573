package companion

import (
	"path/filepath"
	"strings"

	"wtptui/engine"
)

// A browser starts a native host without arguments of the host's own. What it adds says who is there: Chromium gives
// the extension's origin (and on Windows a window's number), Firefox the path of the host's manifest and the add-on's
// id. https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging
const chromiumOrigin = "chrome-extension://"

// IsStart reports whether a program with these arguments was started by a browser, as its native host.
func IsStart(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case strings.HasPrefix(args[0], chromiumOrigin):
		return true
	}
	return len(args) == 2 && filepath.IsAbs(args[0]) && filepath.Base(args[0]) == HostName+".json"
}

// CheckStart says why a host with these arguments must not answer: it answers its own extension and nobody else. Kind
// Refused.
func CheckStart(args []string) error {
	if IsStart(args) && (args[0] == ChromiumOrigin || len(args) == 2 && args[1] == GeckoID && filepath.IsAbs(args[0])) {
		return nil
	}
	return &engine.Error{
		Op: "native-host", Kind: engine.Refused,
		Msg: "native-host is started by a browser, for wtptui's own extension: `wtptui companion DIR` writes that, and " +
			"`wtptui register --companion` tells browsers of it",
	}
}
