package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// clipboardTimeout is how long a clipboard program may take to accept a text.
const clipboardTimeout = 2 * time.Second

// clipboard is a program that copies its standard input.
type clipboard struct {
	// name is what the person is told.
	name string
	argv []string
}

// copyText copies text to a clipboard that confirms it, and returns the clipboard's name.
func (e environment) copyText(ctx context.Context, text string) (string, error) {
	return copyTo(ctx, clipboards(e.getenv, runtime.GOOS), text, clipboardTimeout)
}

// copyTo copies text to the first clipboard that accepts it in time, and returns the clipboard's name.
func copyTo(ctx context.Context, all []clipboard, text string, timeout time.Duration) (string, error) {
	lastErr := errors.New("no clipboard program was found")
	for _, c := range all {
		if _, err := exec.LookPath(c.argv[0]); err != nil {
			continue
		}
		err := c.write(ctx, text, timeout)
		if err == nil {
			return c.name, nil
		}
		lastErr = fmt.Errorf("%s: %w", c.argv[0], err)
	}
	return "", lastErr
}

// write runs the program with text as its standard input. Each program has its own timeout, so that one that hangs does
// not use up the time of the next.
func (c clipboard) write(ctx context.Context, text string, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Stdin = strings.NewReader(text)
	// wl-copy and xclip leave a process behind that serves the clipboard. Do not wait for it.
	cmd.WaitDelay = timeout
	if err := cmd.Run(); !errors.Is(err, exec.ErrWaitDelay) {
		return err
	}
	return nil
}

// clipboards returns the available clipboards, the best first. Over SSH the clipboard of this machine is not the
// person's. tmux passes the text on to the person's terminal (load-buffer -w).
func clipboards(getenv func(string) string, goos string) []clipboard {
	var all []clipboard
	if getenv("SSH_CONNECTION") == "" {
		const name = "the clipboard"
		switch {
		case goos == "darwin":
			all = append(all, clipboard{name, []string{"pbcopy"}})
		case goos == "windows":
			all = append(all, clipboard{name, []string{"clip.exe"}})
		case getenv("WSL_DISTRO_NAME") != "":
			all = append(all, clipboard{name, []string{"clip.exe"}})
		}
		if getenv("WAYLAND_DISPLAY") != "" {
			all = append(all, clipboard{name, []string{"wl-copy"}})
		}
		if getenv("DISPLAY") != "" {
			all = append(all,
				clipboard{name, []string{"xclip", "-selection", "clipboard"}},
				clipboard{name, []string{"xsel", "--clipboard", "--input"}},
			)
		}
	}
	if getenv("TMUX") != "" {
		all = append(all, clipboard{"tmux's buffer, and sent to the terminal", []string{"tmux", "load-buffer", "-w", "-"}})
	}
	return all
}
