package peers

import (
	"os/exec"
	"testing"
)

// Browser is how to run the real browser.
type Browser struct {
	Path  string
	Flags []string // Each with its dashes. A profile folder and a page are still to be added.
}

// Chromium finds Debian's browser and the flags for a test: headless, silent on the network, and willing to meet WebRTC
// peers on loopback. It needs ChromiumTool.
func Chromium(t testing.TB) Browser {
	t.Helper()
	Require(t, ChromiumTool)
	path, err := exec.LookPath(string(ChromiumTool))
	if err != nil {
		t.Fatal(err)
	}
	return Browser{Path: path, Flags: []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--no-first-run",
		// A WebRTC candidate that is an mDNS name would need a resolver for it.
		"--disable-features=WebRtcHideLocalIpsWithMdns",
		"--allow-loopback-in-peer-connection",
	}}
}
