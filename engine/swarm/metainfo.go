package swarm

import (
	"bytes"
	"slices"

	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
)

// Metainfo is what a .torrent file (BEP 3) says of a site.
type Metainfo struct {
	Infohash string
	// Info is the bencoded info dictionary as it stands in the file.
	Info []byte
	// Trackers and WebSeeds are foreign; see Spec.
	Trackers []string
	WebSeeds []string
}

// ParseMetainfo reads the content of a .torrent file. Its errors have Kind Invalid. What the file says is not checked
// beyond its form: Client.Add does that.
func ParseMetainfo(data []byte) (Metainfo, error) {
	mi, err := metainfo.Load(bytes.NewReader(data))
	if err != nil {
		return Metainfo{}, badMetainfo("it is no .torrent file", err)
	}
	info, err := mi.UnmarshalInfo()
	if err != nil {
		return Metainfo{}, badMetainfo("the .torrent file has no readable info dictionary", err)
	}
	if !info.HasV1() {
		return Metainfo{}, badMetainfo("the .torrent file is for BitTorrent v2 only, and wtp sites are v1 torrents", nil)
	}
	m := Metainfo{Infohash: mi.HashInfoBytes().HexString(), Info: slices.Clone(mi.InfoBytes), WebSeeds: mi.UrlList}
	for _, tier := range mi.UpvertedAnnounceList() {
		m.Trackers = append(m.Trackers, tier...)
	}
	return m, nil
}

func badMetainfo(why string, err error) error {
	return &engine.Error{Op: "swarm: read .torrent", Kind: engine.Invalid, Msg: why + ": check the file", Err: err}
}

// MakeMetainfo writes a .torrent file (BEP 3): the info dictionary as it is, each tracker in a tier of its own (BEP 12),
// and web seeds (BEP 19). The same arguments give the same bytes.
func MakeMetainfo(info []byte, trackers, webSeeds []string) ([]byte, error) {
	mi := metainfo.MetaInfo{InfoBytes: info, UrlList: webSeeds}
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
