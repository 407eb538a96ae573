package overssh

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"wtptui/engine"
)

// Target is an engine on another machine.
type Target struct {
	// User is the user's name; empty for ssh's default.
	User string
	// Host is a name, an address, or an alias of ~/.ssh/config.
	Host string
	// Port is the port of the ssh server; 0 for ssh's default.
	Port int
	// Dir is the data folder on that machine; empty for the default one.
	Dir string
}

// Scheme is the start of the URL of a Target.
const Scheme = "ssh://"

// ParseTarget parses ssh://[user@]host[:port][/data/dir]. The error has Kind Invalid.
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "ssh", u.Hostname() == "", u.Opaque != "", u.RawQuery != "", u.Fragment != "":
		return Target{}, targetError(text, "")
	}
	t := Target{User: u.User.Username(), Host: u.Hostname()}
	if _, given := u.User.Password(); given {
		return Target{}, targetError("", "leave the password out: ssh asks for it")
	}
	if u.Port() != "" {
		if t.Port, err = strconv.Atoi(u.Port()); err != nil || t.Port < 1 || t.Port > 65535 {
			return Target{}, targetError(text, "the port must be a number from 1 to 65535")
		}
	}
	if strings.Trim(u.Path, "/") != "" {
		t.Dir = u.Path
	}
	for _, part := range []string{t.User, t.Host, t.Dir} {
		// A name that begins with a hyphen would be an option to ssh.
		if strings.HasPrefix(part, "-") || strings.ContainsFunc(part, unicode.IsControl) {
			return Target{}, targetError(text, "")
		}
	}
	if strings.ContainsFunc(t.User+t.Host, unicode.IsSpace) {
		return Target{}, targetError(text, "")
	}
	return t, nil
}

func targetError(text, why string) error {
	msg := "write it as ssh://user@host, or ssh://user@host:22/var/lib/wtptui with a port and a data folder"
	if text != "" {
		msg = engine.Clean(text) + " is not the address of another machine: " + msg
	}
	if why != "" {
		msg += " (" + why + ")"
	}
	return &engine.Error{Op: "ssh", Kind: engine.Invalid, Msg: msg}
}

// String returns the Target in the format of ParseTarget.
func (t Target) String() string {
	u := url.URL{Scheme: "ssh", Host: t.Host, Path: t.Dir}
	if strings.Contains(t.Host, ":") {
		u.Host = "[" + t.Host + "]"
	}
	if t.Port != 0 {
		u.Host += ":" + strconv.Itoa(t.Port)
	}
	if t.User != "" {
		u.User = url.User(t.User)
	}
	return u.String()
}

// Name returns the name of the other machine for people: user@host, as for ssh.
func (t Target) Name() string {
	if t.User == "" {
		return t.Host
	}
	return t.User + "@" + t.Host
}

// sshArgs returns the arguments of ssh that name the machine.
func (t Target) sshArgs() []string {
	args := []string{"--", t.Name()}
	if t.Port != 0 {
		args = append([]string{"-p", strconv.Itoa(t.Port)}, args...)
	}
	return args
}

// ShellCommand returns an ssh command, with additional options, that a person can run to connect to the machine.
func (t Target) ShellCommand(options ...string) string {
	words := append([]string{"ssh"}, options...)
	if t.Port != 0 {
		words = append(words, "-p", strconv.Itoa(t.Port))
	}
	return strings.Join(append(words, t.Name()), " ")
}

// remoteCommand returns the command line for the shell of the other machine, which finds wtptui in its PATH. The words
// must be quoted.
func (t Target) remoteCommand(words ...string) string {
	verb := strings.Join(words, " ")
	if t.Dir == "" {
		return "wtptui " + verb
	}
	return "wtptui --data-dir " + quote(t.Dir) + " " + verb
}

// RemoteVerb is the verb of the remote wtptui that connects its standard input and output to its control socket.
const RemoteVerb = "control-stdio"

// quote quotes a string for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
