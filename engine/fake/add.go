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

// Add implements engine.Engine. The host of a new site decides what happens to it: "missing" in it means that it is
// never resolved, "huge" that it is over the size limit, "vast" that it is larger than the whole cache, "lonely" that
// it has no peers. All others are fetched.
func (e *Engine) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	if err := e.checkUsable(ctx, "add"); err != nil {
		return engine.Site{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := e.world.openSite(req)
	if err != nil {
		return engine.Site{}, err
	}
	e.publish()
	return e.world.view(s), nil
}

// openSite opens a site: an existing one, one from the bin, or a new one.
func (st *world) openSite(req engine.AddRequest) (*site, error) {
	host, name, err := st.findAddTarget(req)
	if err != nil {
		return nil, err
	}
	s, ok := st.sites[host]
	if b, away := st.bin.sites[host]; away {
		s, ok = st.reopenFromBin(b), true
	}
	if !ok {
		s = st.builder.newSite(st.builder.scriptFor(host, name), st.now)
		s.AddedAt = engine.At(st.now)
		st.sites[host] = s
		st.journal.record(s, engine.Added, engine.Info, "added")
	}
	st.life.adoptFound(s)
	s.restartCachePeriod(st.now, st.life.ttl)
	if req.Pin {
		st.apply(engine.Pin, s)
	}
	return s, nil
}

// findAddTarget returns the host that a request means, and a name for it.
func (st *world) findAddTarget(req engine.AddRequest) (host, name string, err error) {
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
		return "", "", &engine.Error{
			Op: "fake: add", Kind: engine.Invalid, Msg: "a .torrent file is read by whoever asks: use NewAddRequest",
		}
	case addr.OriginLabel != "":
		for h := range st.sites {
			if engine.OriginLabel(h) == addr.OriginLabel {
				return h, "", nil
			}
		}
		return "", "", st.notFoundError("add", addr.OriginLabel)
	}
	return addr.Host, addr.Name, nil
}

// scriptFor returns the script of a site that a person adds: see Engine.Add.
func (b builder) scriptFor(host, name string) Script {
	sc := Script{Host: host, Title: name, State: engine.Resolving, Peers: 6, KnownPeers: 14}
	if sc.Title == "" {
		first, _, _ := strings.Cut(host, ".")
		sc.Title = "The site of " + first
	}
	if engine.IsInfohash(host) {
		sc.State = engine.Metadata
	}
	switch {
	case strings.Contains(host, "missing"):
		sc.State, sc.ErrorKind = engine.Failed, engine.NotFound
		sc.Error = "no TXT record names a site: check the spelling, or ask its owner"
	case strings.Contains(host, "huge"):
		sc.State, sc.ErrorKind, sc.Size = engine.Failed, engine.TooLarge, 9<<30
		sc.Error = "9.0 GB is over the limit of 2.0 GB: allow it, or raise --max-site-size"
	case strings.Contains(host, "vast"):
		sc.State, sc.ErrorKind, sc.CacheTooSmall, sc.Size = engine.Failed, engine.TooLarge, true, 6<<30
		sc.Error = "6.0 GB is more than the whole cache of 5.0 GB: allow it, pin it, or raise --cache-size"
	case strings.Contains(host, "lonely"), slices.Contains(b.opts.UnseededHosts, host):
		sc.Unseeded, sc.Peers, sc.KnownPeers = true, 0, 0
	}
	return sc
}

// infohashOf returns the SHA-1 of the info dictionary of a .torrent file (BEP 3).
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
