package engine

import "strings"

// Environ returns the environment variables, as NAME=VALUE, that describe the site to a person's own command. path is
// the folder that the site was published from, if it was published here. All texts are clean. The machine is empty
// outside a fleet.
func (s Site) Environ(path string) []string {
	return []string{
		"WTPTUI_HOST=" + s.Host, "WTPTUI_INFOHASH=" + s.Infohash, "WTPTUI_URL=" + s.URL, "WTPTUI_LOCAL_URL=" + s.LocalURL,
		"WTPTUI_TITLE=" + s.Title, "WTPTUI_LABELS=" + strings.Join(s.Labels, " "), "WTPTUI_PATH=" + path,
		"WTPTUI_MACHINE=" + s.Machine,
	}
}
