package register

import "path/filepath"

func (c Companion) browsers() []browser {
	var all []browser
	for _, b := range []struct {
		name, below string
		gecko       bool
	}{
		{"Chromium", "Chromium", false},
		{"Google Chrome", "Google/Chrome", false},
		{"Brave", "BraveSoftware/Brave-Browser", false},
		{"Edge", "Microsoft Edge", false},
		{"Vivaldi", "Vivaldi", false},
		{"Opera", "com.operasoftware.Opera", false},
		{"Firefox", "Mozilla", true},
		{"LibreWolf", "librewolf", true},
	} {
		home := filepath.Join(c.Getenv("HOME"), "Library", "Application Support", b.below)
		profiles := home
		if b.name == "Firefox" { // Its profiles are elsewhere.
			profiles = filepath.Join(c.Getenv("HOME"), "Library", "Application Support", "Firefox")
		}
		all = append(all, browser{
			name: b.name, home: profiles, manifests: filepath.Join(home, "NativeMessagingHosts"), gecko: b.gecko,
		})
	}
	return all
}
