package overssh

import (
	"testing"

	"wtptui/engine"
)

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{
		"ssh://host":                              {Host: "host"},
		"ssh://user@host.example/":                {User: "user", Host: "host.example"},
		"ssh://user@host:2222":                    {User: "user", Host: "host", Port: 2222},
		"ssh://host/var/lib/wtptui":               {Host: "host", Dir: "/var/lib/wtptui"},
		"ssh://u@[2001:db8::1]:22/with%20blank's": {User: "u", Host: "2001:db8::1", Port: 22, Dir: "/with blank's"},
	} {
		got, err := ParseTarget(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
		if again, err := ParseTarget(got.String()); err != nil || again != want {
			t.Errorf("%s: String returns %s, which parses as %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{
		"", "host", "ssh:", "ssh://", "ssh:host", "ssh://@", "http://host/", "ssh://user:secret@host",
		"ssh://host:0", "ssh://host:70000", "ssh://-oProxyCommand=x", "ssh://-l@host", "ssh://%2doProxyCommand=x/",
		"ssh://host/a%0ab", "ssh://a%20b/", "ssh://host?x", "ssh://host#x",
	} {
		if got, err := ParseTarget(text); engine.KindOf(err) != engine.Invalid || err == nil {
			t.Errorf("%q: %+v, %v; want it refused", text, got, err)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("ssh://user@host:22/var/lib/wtptui")
	f.Fuzz(func(t *testing.T, text string) {
		target, err := ParseTarget(text)
		if err != nil {
			return
		}
		if name := target.Name(); name == "" || name[0] == '-' {
			t.Errorf("%q: the name is %q", text, name)
		}
	})
}

func TestRemoteAndShellCommand(t *testing.T) {
	target := Target{User: "u", Host: "h", Port: 7, Dir: "/it's $HOME"}
	if got, want := target.remoteCommand(RemoteVerb), `wtptui --data-dir '/it'\''s $HOME' control-stdio`; got != want {
		t.Errorf("the remote command is %s, want %s", got, want)
	}
	if got, want := target.ShellCommand("-N"), "ssh -N -p 7 u@h"; got != want {
		t.Errorf("the shell command is %s, want %s", got, want)
	}
}
