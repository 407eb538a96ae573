package register

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// classPath is the registry key of the scheme, in the user's part.
// https://learn.microsoft.com/windows/win32/shell/app-registration
const classPath = `Software\Classes\` + Scheme

const commandPath = classPath + `\shell\open\command`

// command returns the command line, quoted by the rules by which programs on Windows split it. %1 is the URL.
func (h Handler) command() string {
	words := h.commandWords()
	for i, w := range words {
		words[i] = windows.EscapeArg(w)
	}
	return strings.Join(words, " ") + ` "%1"`
}

func (h Handler) add(context.Context) error {
	set := func(path, name, value string) error {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.SET_VALUE)
		if err != nil {
			return err
		}
		return errors.Join(k.SetStringValue(name, value), k.Close())
	}
	return wrapError("write to the registry", errors.Join(
		set(classPath, "", "URL:wtp site"),
		set(classPath, "URL Protocol", ""),
		set(commandPath, "", h.command()),
	))
}

func (h Handler) remove(ctx context.Context) error {
	s, err := h.state(ctx)
	if err != nil || s.Program == "" || !strings.Contains(s.Program, "wtptui") {
		return err
	}
	for _, path := range []string{commandPath, classPath + `\shell\open`, classPath + `\shell`, classPath} {
		if err := registry.DeleteKey(registry.CURRENT_USER, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return wrapError("write to the registry", err)
		}
	}
	return nil
}

func (h Handler) state(context.Context) (State, error) {
	where := `HKEY_CURRENT_USER\` + commandPath
	k, err := registry.OpenKey(registry.CURRENT_USER, commandPath, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return State{Where: where}, nil
	}
	if err != nil {
		return State{}, wrapError("read the registry", err)
	}
	defer k.Close()
	command, _, err := k.GetStringValue("")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return State{}, wrapError("read the registry", err)
	}
	return State{Program: command, Ours: command == h.command(), Where: where}, nil
}
