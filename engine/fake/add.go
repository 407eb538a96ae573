package fake

import (
	"bytes"
	"context"
	"crypto/sha1" // BitTorrent v1 names torrents by SHA-1.
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"wtptui/engine"
)

// Add implements engine.Engine. A new site gets a script by its name: one with "missing" in it is never resolved, one
// with "huge" in it is over the size limit, one with "vast" in it is more than the whole cache, one with "lonely" in it
// finds nobody, and all others go well.
func (e *Engine) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	if err := e.usable(ctx, "add"); err != nil {
		return engine.Site{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := e.world.add(req)
	if err != nil {
		return engine.Site{}, err
	}
	e.publish()
	return e.world.view(s), nil
}

// add opens a site: one that is there, one out of the bin, or a new one.
func (st *world) add(req engine.AddRequest) (*site, error) {
	host, name, err := st.target(req)
	if err != nil {
		return nil, err
	}
	s, ok := st.sites[host]
	if b, away := st.bin.sites[host]; away {
		s, ok = st.reopen(b), true
	}
	if !ok {
		s = st.builder.newSite(st.builder.scriptFor(host, name), st.now)
		s.AddedAt = engine.At(st.now)
		st.sites[host] = s
		st.journal.record(s, engine.Added, engine.Info, "added")
	}
	st.life.takeUp(s)
	s.open(st.now, st.life.ttl)
	if req.Pin {
		st.apply(engine.Pin, s)
	}
	return s, nil
}

// target finds the host that a request means, and a name for it.
func (st *world) target(req engine.AddRequest) (host, name string, err error) {
	if len(req.Metainfo) > 0 {
		host, ok := infohashOf(req.Metainfo)
		if !ok {
			return "", "", &engine.Error{Op: "fake: add", Kind: engine.Invalid, Msg: "that is not a .torrent file"}
		}
		return host, "", nil
	}
	addr, err := engine.ParseAddress(req.Address)
	if err != nil {
		return "", "", err
	}
	switch {
	case addr.TorrentFile != "":
		return "", "", &engine.Error{Op: "fake: add", Kind: engine.Invalid, Msg: "a .torrent file is read by whoever asks: use LoadTorrent"}
	case addr.Label != "":
		for h := range st.sites {
			if engine.Label(h) == addr.Label {
				return h, "", nil
			}
		}
		return "", "", st.notFound("add", addr.Label)
	}
	return addr.Host, addr.Name, nil
}

// scriptFor writes the script of a site that a person added.
func (b builder) scriptFor(host, name string) Script {
	sc := Script{Host: host, Title: name, State: engine.Resolving, Peers: 6, Known: 14}
	if sc.Title == "" {
		first, _, _ := strings.Cut(host, ".")
		sc.Title = "The site of " + first
	}
	if engine.IsInfohash(host) {
		sc.State = engine.Metadata
	}
	switch {
	case strings.Contains(host, "missing"):
		sc.State, sc.Fault = engine.Failed, engine.NotFound
		sc.Error = "no TXT record names a site: check the spelling, or ask its owner"
	case strings.Contains(host, "huge"):
		sc.State, sc.Fault, sc.Size = engine.Failed, engine.TooLarge, 9<<30
		sc.Error = "9.0 GB is over the limit of 2.0 GB: allow it, or raise --max-site-size"
	case strings.Contains(host, "vast"):
		sc.State, sc.Fault, sc.SmallCache, sc.Size = engine.Failed, engine.TooLarge, true, 6<<30
		sc.Error = "6.0 GB is more than the whole cache of 5.0 GB: allow it, pin it, or raise --cache-size"
	case strings.Contains(host, "lonely"), slices.Contains(b.opts.Nobody, host):
		sc.Lonely, sc.Peers, sc.Known = true, 0, 0
	}
	return sc
}

// infohashOf hashes the info dictionary of a .torrent file (BEP 3).
func infohashOf(metainfo []byte) (string, bool) {
	if len(metainfo) < 2 || metainfo[0] != 'd' {
		return "", false
	}
	for at := 1; at < len(metainfo) && metainfo[at] != 'e'; {
		keyEnd, ok := skipBencoded(metainfo, at, 0)
		if !ok {
			return "", false
		}
		end, ok := skipBencoded(metainfo, keyEnd, 0)
		if !ok {
			return "", false
		}
		if string(metainfo[at:keyEnd]) == "4:info" && metainfo[keyEnd] == 'd' {
			sum := sha1.Sum(metainfo[keyEnd:end])
			return hex.EncodeToString(sum[:]), true
		}
		at = end
	}
	return "", false
}

// skipBencoded returns where the bencoded value that begins at i ends.
func skipBencoded(b []byte, i, depth int) (int, bool) {
	if i >= len(b) || depth > 32 {
		return 0, false
	}
	switch c := b[i]; {
	case c == 'i':
		n := bytes.IndexByte(b[i:], 'e')
		return i + n + 1, n > 0
	case c == 'l' || c == 'd':
		for i++; i < len(b) && b[i] != 'e'; {
			end, ok := skipBencoded(b, i, depth+1)
			if !ok {
				return 0, false
			}
			i = end
		}
		return i + 1, i < len(b)
	}
	n := 0
	for n < 10 && i+n < len(b) && b[i+n] != ':' {
		n++
	}
	size, err := strconv.Atoi(string(b[i : i+n]))
	end := i + n + 1 + size
	return end, err == nil && size >= 0 && end <= len(b)
}
