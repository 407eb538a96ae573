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

// Metainfo is what a .torrent file (BEP 3) says of a site.
type Metainfo struct {
	Infohash string
	// Info is the bencoded info dictionary as it stands in the file.
	Info []byte
	// Trackers (BEP 12, without their tiers) and WebSeeds (BEP 19) are foreign.
	Trackers []string
	WebSeeds []string
	// Private says that its trackers alone decide who may have it (BEP 27).
	Private bool
}

// ParseMetainfo reads the content of a .torrent file. It fails with Kind Invalid for what cannot be a site, and says
// what is wrong with it: the info dictionary is judged as one from peers. Anything else in the file that is not as it
// should be is left out, and so is what follows its end.
func ParseMetainfo(data []byte) (Metainfo, error) {
	d, _, ok := bencode.ParseDict(data)
	raw := d.Get("info")
	switch {
	case !ok:
		return Metainfo{}, badMetainfo("it is no .torrent file: check the file")
	case raw == nil:
		return Metainfo{}, badMetainfo("the .torrent file has no readable info dictionary: check the file")
	}
	info, err := readDictionary(raw)
	if err != nil {
		why := "the torrent is refused: " + err.Error()
		if !errors.Is(err, errV2Only) {
			why += ": check the file"
		}
		return Metainfo{}, badMetainfo(why)
	}
	sum := sha1.Sum(raw)
	return Metainfo{
		Infohash: hex.EncodeToString(sum[:]), Info: slices.Clone(raw), Trackers: trackersIn(d), WebSeeds: urls(d.Get("url-list")),
		Private: info.private,
	}, nil
}

// trackersIn returns the trackers of a .torrent file. The one in "announce" counts if there is no list (BEP 12).
func trackersIn(d bencode.Dict) []string {
	var all []string
	for tier := range d.List("announce-list") {
		all = append(all, urls(tier)...)
	}
	if all == nil {
		all = urls(d.Get("announce"))
	}
	return all
}

// urls returns the strings in a list of them, or the string that v is. There are none in anything else.
func urls(v []byte) []string {
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

func badMetainfo(why string) error {
	return &engine.Error{Op: "swarm: read .torrent", Kind: engine.Invalid, Msg: engine.Clean(why)}
}

// MakeMetainfo writes a .torrent file (BEP 3): the info dictionary as it is, each tracker in a tier of its own (BEP 12),
// web seeds (BEP 19), and piece layers if there are any (BEP 52). The same arguments give the same bytes.
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
