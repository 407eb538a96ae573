package control

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"wtptui/engine"
)

// sight is how a process sees a folder. A sandbox or a container may keep it from the process, or show another one in
// its place; and the process may have another user's rights.
type sight struct {
	// ID is the same for processes that see the same folder; empty for none.
	ID       string `json:"id"`
	Readable bool   `json:"readable"`
	Writable bool   `json:"writable"`
}

// see returns how this process sees a folder.
func see(dir string) sight {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return sight{}
	}
	s := sight{ID: identify(info)}
	s.Readable, s.Writable = rights(dir)
	return s
}

// sight tells how the engine's process sees a folder.
func (s *server) sight(_ http.ResponseWriter, r *http.Request) (any, error) {
	return see(r.URL.Query().Get("dir")), nil
}

// checkSeen refuses a folder that the engine does not see as this process, which is a person's, does: it would say that
// it is not there, or write into another one. What is wrong with the folder for both is told by the engine.
func checkSeen(ctx context.Context, c *Client, op, dir string, toWrite bool) error {
	if c.dataDir == "" || !filepath.IsAbs(dir) {
		return nil
	}
	dir = filepath.Clean(dir)
	if toWrite {
		dir = existing(dir)
	}
	here := see(dir)
	if here.ID == "" {
		return nil
	}
	var there sight
	if err := c.call(ctx, op, "", http.MethodGet, pathSight+"?dir="+url.QueryEscape(dir), nil, &there); err != nil {
		return err
	}
	place, mount, right := "below /srv, where all may read", "BindReadOnlyPaths", here.Readable && !there.Readable
	if toWrite {
		place, mount, right = "below its data folder, "+c.dataDir, "BindPaths", here.Writable && !there.Writable
	}
	shown := engine.Clean(dir)
	switch {
	case here.ID != there.ID:
		return &engine.Error{Op: op, Kind: engine.Refused, Msg: fmt.Sprintf("the wtptui that runs does not see %s, or sees another folder there, since "+
			"a sandbox or a container keeps it from it: choose one %s, or show it this one (where systemd runs it, by "+
			"`systemctl edit wtptui` with [Service] and %s=%s)", shown, engine.Clean(place), mount, shown)}
	case right && toWrite:
		return &engine.Error{Op: op, Kind: engine.Refused, Msg: fmt.Sprintf("the wtptui that runs may not write to %s, since it is another user: choose a folder %s",
			shown, engine.Clean(place))}
	case right:
		return &engine.Error{Op: op, Kind: engine.Refused, Msg: fmt.Sprintf("the wtptui that runs may not read %s, since it is another user: "+
			"let all read it (chmod -R a+rX), or choose a folder %s", shown, engine.Clean(place))}
	}
	return nil
}

// existing returns the folder itself, or the nearest one above it that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
