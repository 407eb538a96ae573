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
	// User is empty for whom ssh takes by itself.
	User string
	// Host is a name, an address, or an alias of ~/.ssh/config.
	Host string
	// Port is 0 for the one that ssh takes by itself.
	Port int
	// Dir is the data folder there; empty for the default one.
	Dir string
}

// Scheme begins the URL of a Target.
const Scheme = "ssh://"

// Parse reads ssh://[user@]host[:port][/data/dir]. Kind Invalid if it is none.
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "ssh", u.Hostname() == "", u.Opaque != "", u.RawQuery != "", u.Fragment != "":
		return Target{}, targetError(text, "")
	}
	t := Target{User: u.User.Username(), Host: u.Hostname()}
	if _, given := u.User.Password(); given {
		return Target{}, targetError("", "leave the password out, ssh asks for it")
	}
	if u.Port() != "" {
		if t.Port, err = strconv.Atoi(u.Port()); err != nil || t.Port < 1 || t.Port > 65535 {
			return Target{}, targetError(text, "the port is a number from 1 to 65535")
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
	msg := "give the other machine as ssh://user@host, or ssh://user@host:22/var/lib/wtptui with a port and a data folder"
	if text != "" {
		msg = engine.Clean(text) + " is no address of a wtptui: " + msg
	}
	if why != "" {
		msg += " (" + why + ")"
	}
	return &engine.Error{Op: "ssh", Kind: engine.Invalid, Msg: msg}
}

// String is the Target as Parse reads it.
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

// Name is how people call the other machine: user@host, as for ssh.
func (t Target) Name() string {
	if t.User == "" {
		return t.Host
	}
	return t.User + "@" + t.Host
}

// args are what ssh has to be told to find the machine.
func (t Target) sshArgs() []string {
	args := []string{"--", t.Name()}
	if t.Port != 0 {
		args = append([]string{"-p", strconv.Itoa(t.Port)}, args...)
	}
	return args
}

// Shell is the command that a person can type to reach the machine, with more of ssh's options.
func (t Target) ShellCommand(options ...string) string {
	words := append([]string{"ssh"}, options...)
	if t.Port != 0 {
		words = append(words, "-p", strconv.Itoa(t.Port))
	}
	return strings.Join(append(words, t.Name()), " ")
}

// command is what the shell there runs, with words that mean nothing else to a shell; it finds wtptui in its PATH.
func (t Target) remoteCommand(words ...string) string {
	verb := strings.Join(words, " ")
	if t.Dir == "" {
		return "wtptui " + verb
	}
	return "wtptui --data-dir " + quote(t.Dir) + " " + verb
}

// Verb is the verb that connects its standard input and output to the socket, there.
const RemoteVerb = "control-stdio"

// quote makes one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
