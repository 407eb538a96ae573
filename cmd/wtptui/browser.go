package main

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"wtptui/engine"
)

// browserStartTimeout is how long a browser is watched: one that cannot start says so early, and one that runs is left
// alone.
const browserStartTimeout = 2 * time.Second

// browse hands a URL to the person's browser: $BROWSER, a command that gets it in place of %s or as its last argument,
// else the system's default one. It does not wait for a browser that runs.
func (w environment) openBrowser(ctx context.Context, url string) error {
	argv := browserCommand(w.getenv("BROWSER"), runtime.GOOS, url)
	// The browser outlives this program, so that its context is not ours.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return browserError(argv[0], url, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
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
		Msg: command + " did not open the page (" + err.Error() + "): set BROWSER, or visit " + url + " yourself",
	}
}

// browserCommand returns the command that opens url, as words.
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

// splitBrowser takes $BROWSER as the path of one program if there is such a program, else as words parted by blanks.
func splitBrowser(browser string) []string {
	if browser == "" {
		return nil
	}
	if _, err := exec.LookPath(browser); err == nil {
		return []string{browser}
	}
	return strings.Fields(browser)
}
