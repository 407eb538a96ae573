package ui

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

// withCommand configures a command on M that the shell runs.
func withCommand(t *testing.T, shell string) option {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("it takes a shell")
	}
	m, err := (*keys.Map)(nil).With(keys.Own{Name: "mirror", Keys: []string{"M"}, Help: "copy it to the backup"})
	if err != nil {
		t.Fatal(err)
	}
	return func(cfg *Config, _ *fake.Options) {
		cfg.Keys = m
		cfg.Commands = []OwnCommand{{Name: "mirror", Make: func(ctx context.Context, environ []string) *exec.Cmd {
			cmd := exec.CommandContext(ctx, "sh", "-c", shell)
			cmd.Env = append(os.Environ(), environ...)
			return cmd
		}}}
	}
}

// A command runs once for each marked site; the first failure ends it and is shown.
func TestOwnCommands(t *testing.T) {
	for name, c := range map[string]struct {
		shell string
		press []string
		want  string
	}{
		"one": {
			`echo "$WTPTUI_HOST $WTPTUI_URL" >&2`,
			[]string{"M"},
			"mirror is done for Example Docs (docs.example): docs.example wtp://docs.example/",
		},
		"three":  {`:`, []string{"space", "j", "space", "j", "space", "M"}, "mirror is done for 3 sites"},
		"labels": {`echo "[$WTPTUI_LABELS]" >&2`, []string{"G", "M"}, "[archive mirror]"},
		"exit code": {
			`printf 'no\nno \033[31mroom' >&2; exit 3`,
			[]string{"M"},
			"mirror failed with exit code 3: no [31mroom",
		},
		"second of two": {
			`[ "$WTPTUI_HOST" = docs.example ]`,
			[]string{"space", "j", "space", "M"},
			"mirror failed with exit code 1 after 1 of 2 sites",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 160, 40, withCommand(t, c.shell))
			d.press(c.press...)
			if !strings.Contains(d.screen(), c.want) {
				t.Errorf("no %q in\n%s", c.want, d.screen())
			}
			if len(d.m.commands.own.running) > 0 {
				t.Error("it is taken for running still")
			}
		})
	}
}

func TestOwnCommandsAreInHelpAndPalette(t *testing.T) {
	d := newDriver(t, 160, 40, withCommand(t, ":"))
	d.press(":", "m", "i", "r", "r", "o", "r")
	if !strings.Contains(d.screen(), "copy it to the backup") {
		t.Errorf("not in the palette:\n%s", d.screen())
	}
}

// Commands in the background are cancelled with the program, which waits for them.
func TestOwnCommandsEndWithTheProgram(t *testing.T) {
	d := newDriver(t, 160, 40, withCommand(t, "exec sleep 1000"))
	cmd := d.m.commands.own.runCommand(d.m.commands.own.byAction["commands.mirror"])
	d.m.commands.own.close()
	msg, ok := cmd().(ownDoneMsg)
	if !ok || msg.err == nil || msg.done != 0 {
		t.Errorf("it reports %+v", msg)
	}
	d.m.commands.own.handleDone(msg)
	if !strings.Contains(d.screen(), "mirror was cancelled") {
		t.Errorf("nobody is told:\n%s", d.screen())
	}
}
