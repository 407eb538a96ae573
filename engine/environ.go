package engine

import "strings"

// Environ returns the environment variables, as NAME=VALUE, by which a person's own command knows the site. Path is the
// folder that the site was published from, if it was here. All texts are clean; the machine is empty where there is no
// fleet.
func (s Site) Environ(path string) []string {
	return []string{
		"WTPTUI_HOST=" + s.Host, "WTPTUI_INFOHASH=" + s.Infohash, "WTPTUI_URL=" + s.URL, "WTPTUI_LOCAL_URL=" + s.LocalURL,
		"WTPTUI_TITLE=" + s.Title, "WTPTUI_LABELS=" + strings.Join(s.Labels, " "), "WTPTUI_PATH=" + path,
		"WTPTUI_MACHINE=" + s.Machine,
	}
}
