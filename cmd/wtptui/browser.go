package main

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"wtptui/engine"
)

// browserStartTimeout is how long the browser's process is watched: one that cannot start ends early.
const browserStartTimeout = 2 * time.Second

// openBrowser opens a URL in the person's browser: the command in $BROWSER, which gets the URL in place of %s or as its
// last argument, or else the default browser of the system. It does not wait for the browser to end.
func (e environment) openBrowser(ctx context.Context, url string) error {
	argv := browserCommand(e.getenv("BROWSER"), runtime.GOOS, url)
	// The browser outlives this program, so it does not get our context.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return browserError(argv[0], url, err)
	}
	waitErr := make(chan error, 1)
	go func() { waitErr <- cmd.Wait() }()
	select {
	case err := <-waitErr:
		if err != nil {
			return browserError(argv[0], url, err)
		}
	case <-time.After(browserStartTimeout):
	case <-ctx.Done():
	}
	return nil
}

func browserError(command, url string, err error) error {
	return &engine.Error{
		Op: "browse", Kind: engine.Unavailable, Err: err,
		Msg: command + " did not open the page (" + err.Error() + "): set BROWSER, or open " + url + " yourself",
	}
}

// browserCommand returns the command line that opens url.
func browserCommand(browser, goos, url string) []string {
	if words := splitBrowser(browser); len(words) > 0 {
		replaced := false
		for i, word := range words {
			if i > 0 && strings.Contains(word, "%s") {
				words[i], replaced = strings.ReplaceAll(word, "%s", url), true
			}
		}
		if !replaced {
			words = append(words, url)
		}
		return words
	}
	switch goos {
	case "darwin":
		return []string{"open", url}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	return []string{"xdg-open", url}
}

// splitBrowser splits $BROWSER into words, unless it is the path of one program.
func splitBrowser(browser string) []string {
	if browser == "" {
		return nil
	}
	if _, err := exec.LookPath(browser); err == nil {
		return []string{browser}
	}
	return strings.Fields(browser)
}
