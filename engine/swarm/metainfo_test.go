package swarm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

const plainInfo = "d6:lengthi5e4:name5:a.txt12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae"

func TestParseMetainfo(t *testing.T) {
	got, err := ParseMetainfo([]byte("d8:announce7:udp://a13:announce-listll7:udp://a7:udp://bee4:info" + plainInfo +
		"8:url-list9:http://w/e"))
	if err != nil {
		t.Fatal(err)
	}
	want := Metainfo{
		Infohash: "7faf75b2447f88700c68f1eceda713cd90a0127a",
		Info:     []byte(plainInfo),
		Trackers: []string{"udp://a", "udp://b"},
		WebSeeds: []string{"http://w/"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseMetainfoRefuses(t *testing.T) {
	for _, bad := range []string{"", "x", "d", "de", "d4:infode", "d4:infoi1ee", "d4:info" + plainInfo, "d4:info4:abcde"} {
		if _, err := ParseMetainfo([]byte(bad)); engine.KindOf(err) != engine.Invalid {
			t.Errorf("ParseMetainfo(%q): %v", bad, err)
		}
	}
}

// oddFiles are .torrent files with optional fields, or an end, that are not as they should be, and the trackers and web
// seeds to be taken from each.
var oddFiles = map[string]struct {
	before, after, tail string // what stands before and after the info dictionary, and behind the end
	trackers, webSeeds  []string
}{
	"plain":              {},
	"newline":            {tail: "\n"},
	"CRLF":               {tail: "\r\n"},
	"garbage at the end": {tail: "<!-- cached -->"},
	"a flat announce list": {
		before: "13:announce-listl8:http://a7:udp://be", trackers: []string{"http://a", "udp://b"},
	},
	"a mixed announce list": {
		before: "13:announce-listll8:http://ae7:udp://bli7eee", trackers: []string{"http://a", "udp://b"},
	},
	"an announce list of a text": {before: "8:announce7:udp://a13:announce-list1:x", trackers: []string{"udp://a"}},
	"an empty announce list":     {before: "8:announce7:udp://a13:announce-listle", trackers: []string{"udp://a"}},
	"announce is a list":         {before: "8:announcel7:udp://ae", trackers: []string{"udp://a"}},
	"announce is a number":       {before: "8:announcei7e"},
	"comment is a number":        {before: "7:commenti20240229e"},
	"comment is a list":          {before: "7:commentl3:one3:twoe"},
	"creation date is a text":    {before: "13:creation date10:2024-02-29"},
	"created by a dictionary":    {before: "10:created byd4:name1:xe"},
	"node's port is a text":      {after: "5:nodesll12:198.51.100.74:6881ee"},
	"url-list has a number":      {after: "8:url-listl9:http://w/i4ee", webSeeds: []string{"http://w/"}},
	"url-list is a dictionary":   {after: "8:url-listde"},
	"url-list is a text":         {after: "8:url-list8:http://w", webSeeds: []string{"http://w"}},
	"url-list is empty":          {after: "8:url-list0:"},
	"httpseeds is a number":      {after: "9:httpseedsi1e"},
	"piece layers are a text":    {after: "12:piece layers1:x"},
	"keys out of order":          {before: "8:url-listde3:abci1e"},
}

func TestOddMetainfo(t *testing.T) {
	for name, tc := range oddFiles {
		t.Run(name, func(t *testing.T) {
			got, err := ParseMetainfo([]byte("d" + tc.before + "4:info" + plainInfo + tc.after + "e" + tc.tail))
			if err != nil {
				t.Fatal(err)
			}
			want := Metainfo{
				Infohash: "7faf75b2447f88700c68f1eceda713cd90a0127a", Info: []byte(plainInfo), Trackers: tc.trackers,
				WebSeeds: tc.webSeeds,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOddInfoInMetainfo: the same info dictionaries are taken from a file as from peers, and no others.
func TestOddInfoInMetainfo(t *testing.T) {
	for name, info := range oddInfos(t) {
		got, err := ParseMetainfo([]byte("d4:info" + string(info) + "e\n"))
		if err != nil || got.Infohash != hashOf(info) || string(got.Info) != string(info) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, b := range bombs() {
		info := marshal(t, b.info)
		_, err := ParseMetainfo([]byte("d4:info" + string(info) + "e"))
		if engine.KindOf(err) != engine.Invalid || !strings.Contains(engine.Message(err), b.why) {
			t.Errorf("%s: %v, want %q in it", name, err, b.why)
		}
	}
}

func FuzzParseMetainfo(f *testing.F) {
	for _, tc := range oddFiles {
		f.Add([]byte("d" + tc.before + "4:info" + plainInfo + tc.after + "e" + tc.tail))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMetainfo(data)
		if err == nil && !engine.IsInfohash(m.Infohash) {
			t.Fatalf("infohash %q", m.Infohash)
		}
	})
}

func TestMakeMetainfo(t *testing.T) {
	info := []byte("d6:lengthi5e4:name1:x12:piece lengthi16384e6:pieces20:01234567890123456789e")
	b, err := MakeMetainfo(info, []string{"http://a/announce", "wss://b"}, []string{"http://seed/"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMetainfo(b)
	if err != nil || string(m.Info) != string(info) || strings.Join(m.Trackers, " ") != "http://a/announce wss://b" ||
		len(m.WebSeeds) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	again, err := MakeMetainfo(info, []string{"http://a/announce", "wss://b"}, []string{"http://seed/"}, nil)
	if err != nil || string(again) != string(b) {
		t.Errorf("not the same twice: %v", err)
	}
}
