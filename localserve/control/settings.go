package control

import (
	"context"
	"io"
	"net/http"

	"wtptui/engine"
)

// Program is what others may ask of the program that serves, besides its engine. The zero value refuses everything.
type Program struct {
	StopHandler

	// Settings returns those that it runs with, now.
	Settings func() []Setting
	// Backup writes a backup, with or without the secret keys, and Restore adds what is in one; dryRun changes nothing.
	Backup  func(ctx context.Context, to io.Writer, keys bool) error
	Restore func(ctx context.Context, from io.Reader, dryRun bool) ([]Restored, error)
}

// Setting is one setting of a program.
type Setting struct {
	// Name is that of the flag and of the key in config.toml.
	Name string `json:"name"`
	// Values are written as flags take them: one, or any number for a list.
	Values []string `json:"values"`
}

// settings tells what the program runs with.
func (s *server) settings(context.Context) ([]Setting, error) {
	if s.program.Settings == nil {
		return nil, &engine.Error{Op: "control: settings", Kind: engine.Refused, Msg: "this wtptui has no settings"}
	}
	return s.program.Settings(), nil
}

// Settings returns what the program of the engine runs with, which may be other than what it would be started with now.
func (c *Client) Settings(ctx context.Context) (all []Setting, err error) {
	err = c.call(ctx, "control: settings", "", http.MethodGet, pathSettings, nil, &all)
	return all, err
}
