package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"wtptui/engine"
)

// sight is how a process sees a folder. A sandbox or a container may hide it or show another one in its place, and the
// process may run as another user.
type sight struct {
	// ID identifies the folder: it is the same for all processes that see the same folder, and empty if there is none.
	// Denied reports whether a folder above it may not be entered.
	ID     string `json:"id"`
	Denied bool   `json:"denied"`
	// Readable and Writable are the process's rights in the folder. ReadOnly reports whether its file system is
	// read-only.
	Readable bool `json:"readable"`
	Writable bool `json:"writable"`
	ReadOnly bool `json:"read_only"`
}

// inspectFolder returns how this process sees a folder.
func inspectFolder(dir string) sight {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return sight{Denied: errors.Is(err, fs.ErrPermission)}
	case !info.IsDir():
		return sight{}
	}
	s := sight{ID: identify(info)}
	s.Readable, s.Writable, s.ReadOnly = rights(dir)
	return s
}

// checkSameFolder returns an error of Kind Refused if the engine sees a folder differently from this process, which
// runs for the person: the engine would report that it does not exist, or write to another one. Problems that both
// have with the folder are left to the engine.
func checkSameFolder(ctx context.Context, c *Client, op, dir string, toWrite bool) error {
	if c.dataDir == "" || !filepath.IsAbs(dir) {
		return nil
	}
	dir = filepath.Clean(dir)
	checked := dir
	if toWrite {
		checked = nearestExisting(dir)
	}
	here := inspectFolder(checked)
	if here.ID == "" {
		return nil
	}
	var there sight
	if err := c.call(ctx, op, "", http.MethodGet, pathSight+"?dir="+url.QueryEscape(checked), nil, &there); err != nil {
		return err
	}
	why := adviseReading(dir, here, there)
	if toWrite {
		why = adviseWriting(dir, checked, c.dataDir, here, there)
	}
	if why == "" {
		return nil
	}
	return &engine.Error{Op: op, Kind: engine.Refused, Msg: engine.Clean("the wtptui that runs " + why)}
}

// adviseReading returns why the engine cannot read a folder that this process can read, and what to do. It returns ""
// if the engine can.
func adviseReading(dir string, here, there sight) string {
	const place = "choose one below /srv, where all may read"
	switch {
	case there.Denied, here.ID == there.ID && here.Readable && !there.Readable:
		return fmt.Sprintf("may not read %s, since it is another user: "+
			"let all read it and enter those above it (chmod a+rX), or %s", dir, place)
	case here.ID != there.ID:
		return fmt.Sprintf("does not see %s, or sees another folder there, "+
			"since a sandbox or a container keeps it from it: %s, or show it this one "+
			"(where systemd runs it, by `systemctl edit wtptui` with [Service] and BindReadOnlyPaths=%s)",
			dir, place, dir)
	}
	return ""
}

// adviseWriting is adviseReading for a folder to be written. existing is the folder itself, or the nearest one above
// it that exists.
func adviseWriting(dir, existing, dataDir string, here, there sight) string {
	place := "choose one below its data folder, " + dataDir
	show := fmt.Sprintf("or make %s, let all write there, and show it to it "+
		"(where systemd runs it, by `systemctl edit wtptui` with [Service] and BindPaths=%[1]s)", dir)
	switch {
	case here.ID != there.ID && !there.Denied:
		return fmt.Sprintf("does not see %s, or sees another folder there, "+
			"since a sandbox or a container keeps it from it: %s, %s", existing, place, show)
	case here.Writable && there.ReadOnly:
		return fmt.Sprintf("may only read %s, since a sandbox keeps it from writing: %s, %s", existing, place, show)
	case there.Denied, here.Writable && !there.Writable:
		return fmt.Sprintf("may not write to %s, since it is another user: %s", existing, place)
	}
	return ""
}

// nearestExisting returns the folder itself, or the nearest one above it that exists.
func nearestExisting(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
