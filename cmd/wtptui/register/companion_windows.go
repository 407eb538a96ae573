package register

import (
	"errors"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// On Windows a browser finds the manifests by registry keys. Both kinds of manifest are below our own folder.
func (c Companion) browsers() []browser {
	var all []browser
	own := filepath.Join(c.Getenv("LOCALAPPDATA"), "wtptui", "companion")
	for _, b := range []struct {
		name, home string
		gecko      bool
	}{
		{"Chromium", `Chromium`, false},
		{"Google Chrome", `Google\Chrome`, false},
		{"Brave", `BraveSoftware\Brave-Browser`, false},
		{"Edge", `Microsoft\Edge`, false},
		{"Vivaldi", `Vivaldi`, false},
		{firefox, `Mozilla\Firefox`, true},
	} {
		kind := "chromium"
		if b.gecko {
			kind = "firefox"
		}
		all = append(all, browser{
			name: b.name, home: filepath.Join(c.Getenv("LOCALAPPDATA"), b.home), manifests: filepath.Join(own, kind),
			gecko: b.gecko,
		})
	}
	return all
}

const firefox = "Firefox"

// keyPath returns the registry key that names the manifest. Browsers based on Chromium without a key of their own use
// Chrome's.
func (c Companion) keyPath(b browser) string {
	vendor := `Google\Chrome`
	switch b.name {
	case firefox:
		vendor = "Mozilla"
	case "Chromium":
		vendor = "Chromium"
	case "Edge":
		vendor = `Microsoft\Edge`
	}
	return `Software\` + vendor + `\NativeMessagingHosts\` + c.Name
}

// launcherScript returns a batch file that runs words with the arguments of the browser. Batch files are read in the
// console's code page, and interpret %.
func launcherScript(words []string) string {
	line := "@chcp 65001 >nul\r\n@"
	for _, w := range words {
		line += `"` + strings.ReplaceAll(w, "%", "%%") + `" `
	}
	return line + "native-host -- %*\r\n"
}

func isOnPath(string) bool { return false }

func (c Companion) point(b browser, path string) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, c.keyPath(b), registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(k.SetStringValue("", path), k.Close())
}

func (c Companion) unpoint(b browser) error {
	return registry.DeleteKey(registry.CURRENT_USER, c.keyPath(b))
}

func (c Companion) pointsTo(b browser, path string) bool {
	k, err := registry.OpenKey(registry.CURRENT_USER, c.keyPath(b), registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer k.Close()
	is, _, err := k.GetStringValue("")
	return err == nil && is == path
}
