package control

import (
	"context"
	"io"
	"net/http"

	"wtptui/engine"
)

// Program handles requests for the program rather than its engine. The zero value refuses all of them.
type Program struct {
	StopHandler

	// Settings returns the current settings.
	Settings func() []Setting
	// Backup writes a backup, with or without the secret keys. Restore adds the contents of one; dryRun changes
	// nothing.
	Backup  func(ctx context.Context, to io.Writer, keys bool) error
	Restore func(ctx context.Context, from io.Reader, dryRun bool) ([]Restored, error)
}

// Setting is one setting of a program.
type Setting struct {
	// Name is the name of the flag, and of the key in config.toml.
	Name string `json:"name"`
	// Values are in the format of the flag: one value, or any number for a list.
	Values []string `json:"values"`
}

// settings returns the current settings of the program.
func (s *server) settings(context.Context) ([]Setting, error) {
	if s.program.Settings == nil {
		return nil, &engine.Error{Op: "control: settings", Kind: engine.Refused, Msg: "this wtptui has no settings"}
	}
	return s.program.Settings(), nil
}

// Settings returns the settings with which the engine's program runs. It would not necessarily start with the same
// ones now.
func (c *Client) Settings(ctx context.Context) (all []Setting, err error) {
	err = c.call(ctx, "control: settings", "", http.MethodGet, pathSettings, nil, &all)
	return all, err
}
