package pinlist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wtptui/engine"
)

// ParseSource returns the source for what a person has typed: a wtp:// URL with the list's path, or the path of a
// file.
func ParseSource(s string) (string, error) {
	if scheme, _, ok := strings.Cut(s, "://"); ok && !strings.EqualFold(scheme, "wtp") {
		example := "wtp://host/list.txt"
		if wtp, isWeb := engine.WTPURLFromWeb(s); isWeb {
			example = wtp
		}
		return "", &engine.Error{
			Op: "pin list", Kind: engine.Invalid,
			Msg: engine.Clean(s) + " is neither a file nor a file of a wtp site: fetch the list first, or give " + example,
		}
	}
	if !strings.HasPrefix(strings.ToLower(s), "wtp:") {
		path, err := filepath.Abs(s)
		if err != nil || s == "" {
			return "", &engine.Error{
				Op: "pin list", Kind: engine.Invalid, Err: err,
				Msg: "the name of the list is missing: give a file, or wtp://host/list.txt",
			}
		}
		return path, nil
	}
	addr, err := engine.ParseAddress(s)
	if err != nil {
		return "", err
	}
	return addr.String(), nil
}

// wtpHost returns the site that a source is a file of; empty for a file of this machine.
func wtpHost(source string) string {
	if !strings.HasPrefix(source, "wtp://") {
		return ""
	}
	addr, err := engine.ParseAddress(source)
	if err != nil {
		return ""
	}
	return addr.Host
}

// fileVersion identifies the contents of a file as well as possible without reading it.
func fileVersion(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", unreadableError(path, err)
	}
	if !info.Mode().IsRegular() {
		return "", unreadableError(path, errors.New("it is not a file"))
	}
	return fmt.Sprintf("%d bytes of %s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano)), nil
}

func unreadableError(what string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return &engine.Error{
		Op: "pin list", Kind: engine.Unavailable, Err: err, Msg: engine.Clean(fmt.Sprintf("cannot read %s: %s", what, err)),
	}
}

func readFile(path string) (List, error) {
	f, err := os.Open(path)
	if err != nil {
		return List{}, unreadableError(path, err)
	}
	defer f.Close()
	return Parse(f)
}

// fetchTimeout is how long the site of a list may take to send its file.
const fetchTimeout = 25 * time.Second

// fetchList reads a source through the loopback server, which sends verified bytes only.
func fetchList(ctx context.Context, source string, site engine.Site) (List, error) {
	addr, err := engine.ParseAddress(source)
	if err != nil {
		return List{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	u, err := url.Parse(addr.Resolve(site.LocalURL))
	if err != nil || u.Host == "" {
		return List{}, unreadableError(source, errors.New("no pages are served"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return List{}, unreadableError(source, err)
	}
	t := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", u.Port()))
	}}
	defer t.CloseIdleConnections()
	res, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return List{}, unreadableError(source, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return List{}, unreadableError(source, errors.New("the site answers "+res.Status))
	}
	// All or nothing: half a list would unpin the other half.
	data, err := io.ReadAll(io.LimitReader(res.Body, maxListBytes+1))
	if err != nil {
		return List{}, unreadableError(source, err)
	}
	return Parse(bytes.NewReader(data))
}
