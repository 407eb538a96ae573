//go:build !windows && !darwin

package register

import (
	"os"
	"path/filepath"
	"slices"
)

func (c Companion) browsers() []browser {
	var all []browser
	config := c.xdgDir("XDG_CONFIG_HOME", ".config")
	for _, b := range []struct {
		name, below string
		programs    []string
	}{
		{"Chromium", "chromium", []string{"chromium", "chromium-browser"}},
		{"Google Chrome", "google-chrome", []string{"google-chrome", "google-chrome-stable"}},
		{"Google Chrome Beta", "google-chrome-beta", []string{"google-chrome-beta"}},
		{"Google Chrome Unstable", "google-chrome-unstable", []string{"google-chrome-unstable"}},
		{"Brave", "BraveSoftware/Brave-Browser", []string{"brave-browser", "brave"}},
		{"Edge", "microsoft-edge", []string{"microsoft-edge", "microsoft-edge-stable"}},
		{"Vivaldi", "vivaldi", []string{"vivaldi", "vivaldi-stable"}},
		{"Opera", "opera", []string{"opera"}},
	} {
		home := filepath.Join(config, b.below)
		all = append(all, browser{
			name: b.name, home: home, executables: b.programs, manifests: filepath.Join(home, "NativeMessagingHosts"),
		})
	}
	home := c.Getenv("HOME")
	for _, b := range []struct {
		name, home string
		programs   []string
	}{
		{"Firefox", filepath.Join(home, ".mozilla"), []string{"firefox", "firefox-esr"}},
		{"LibreWolf", filepath.Join(home, ".librewolf"), []string{"librewolf"}},
		{"Waterfox", filepath.Join(home, ".waterfox"), []string{"waterfox"}},
	} {
		all = append(all, browser{
			name: b.name, home: b.home, executables: b.programs, manifests: filepath.Join(b.home, "native-messaging-hosts"),
			gecko: true,
		})
	}
	// A Firefox since 147 that found no ~/.mozilla at its first start has its profiles in the XDG folder, and still
	// looks for hosts in ~/.mozilla alone (bugzilla.mozilla.org, bug 2005167). If ~/.mozilla is created, some versions
	// take it for the place of the profiles, and start with an empty one.
	xdg := filepath.Join(config, "mozilla")
	i := slices.IndexFunc(all, func(b browser) bool { return b.name == "Firefox" })
	if firefox := &all[i]; isFolder(xdg) && !isFolder(firefox.home) {
		firefox.home = xdg
		firefox.withheld = "it has its profiles in " + xdg + " and looks for the companion in ~/.mozilla alone; a new " +
			"folder there may have it begin with an empty profile: `ln -s " + xdg + " ~/.mozilla` once, and register again"
	}
	return all
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
