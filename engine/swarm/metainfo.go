package swarm

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/swarm/bencode"
)

// Metainfo is the content of a .torrent file (BEP 3).
type Metainfo struct {
	Infohash string
	// Info is the bencoded info dictionary, exactly as in the file.
	Info []byte
	// Trackers (BEP 12, without their tiers) and WebSeeds (BEP 19) are foreign.
	Trackers []string
	WebSeeds []string
	// Private reports whether only its trackers may be used to find peers (BEP 27).
	Private bool
}

// ParseMetainfo parses the content of a .torrent file. An error is of Kind Invalid and says what is wrong: the info
// dictionary is checked like one from peers. Other malformed entries are ignored, and so is what follows the end.
func ParseMetainfo(data []byte) (Metainfo, error) {
	d, _, ok := bencode.ParseDict(data)
	raw := d.Get("info")
	switch {
	case !ok:
		return Metainfo{}, invalidMetainfo("it is not a .torrent file: check the file")
	case raw == nil:
		return Metainfo{}, invalidMetainfo("the .torrent file has no readable info dictionary: check the file")
	}
	info, err := parseInfoDict(raw)
	if err != nil {
		why := "the torrent is refused: " + err.Error()
		if !errors.Is(err, errV2Only) {
			why += ": check the file"
		}
		return Metainfo{}, invalidMetainfo(why)
	}
	sum := sha1.Sum(raw)
	return Metainfo{
		Infohash: hex.EncodeToString(sum[:]), Info: slices.Clone(raw), Trackers: readTrackers(d),
		WebSeeds: stringValues(d.Get("url-list")),
		Private:  info.private,
	}, nil
}

// readTrackers returns the trackers of a .torrent file. "announce" is used only if there is no list (BEP 12).
func readTrackers(d bencode.Dict) []string {
	var all []string
	for tier := range d.List("announce-list") {
		all = append(all, stringValues(tier)...)
	}
	if all == nil {
		all = stringValues(d.Get("announce"))
	}
	return all
}

// stringValues returns the strings of a list, or v itself if it is a string. It returns nil for anything else.
func stringValues(v []byte) []string {
	if s := bencode.Text(v); len(s) > 0 {
		return []string{string(s)}
	}
	var all []string
	for item := range bencode.List(v) {
		if s := bencode.Text(item); len(s) > 0 {
			all = append(all, string(s))
		}
	}
	return all
}

func invalidMetainfo(why string) error {
	return &engine.Error{Op: "swarm: read .torrent", Kind: engine.Invalid, Msg: engine.Clean(why)}
}

// MakeMetainfo encodes a .torrent file (BEP 3): the info dictionary as it is, each tracker in a tier of its own (BEP
// 12), web seeds (BEP 19), and piece layers if there are any (BEP 52). The same arguments return the same bytes.
func MakeMetainfo(info []byte, trackers, webSeeds []string, layers map[string]string) ([]byte, error) {
	mi := metainfo.MetaInfo{InfoBytes: info, UrlList: webSeeds, PieceLayers: layers}
	for _, url := range trackers {
		mi.AnnounceList = append(mi.AnnounceList, []string{url})
	}
	if len(trackers) > 0 {
		mi.Announce = trackers[0]
	}
	var b bytes.Buffer
	if err := mi.Write(&b); err != nil {
		return nil, &engine.Error{Op: "swarm: write .torrent", Kind: engine.Internal, Err: err}
	}
	return b.Bytes(), nil
}
