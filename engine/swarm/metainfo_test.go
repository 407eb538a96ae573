package swarm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

const plainInfo = "d6:lengthi5e4:name5:a.txt12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae"

func TestParseMetainfo(t *testing.T) {
	got, err := ParseMetainfo([]byte("d8:announce7:udp://a13:announce-listll7:udp://a7:udp://bee4:info" + plainInfo + "8:url-list9:http://w/e"))
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

func FuzzParseMetainfo(f *testing.F) {
	f.Add([]byte("d4:info" + plainInfo + "e"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMetainfo(data)
		if err == nil && !engine.IsInfohash(m.Infohash) {
			t.Fatalf("infohash %q", m.Infohash)
		}
	})
}

func TestMakeMetainfo(t *testing.T) {
	info := []byte("d6:lengthi5e4:name1:x12:piece lengthi16384e6:pieces20:01234567890123456789e")
	b, err := MakeMetainfo(info, []string{"http://a/announce", "wss://b"}, []string{"http://seed/"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMetainfo(b)
	if err != nil || string(m.Info) != string(info) || strings.Join(m.Trackers, " ") != "http://a/announce wss://b" || len(m.WebSeeds) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	again, err := MakeMetainfo(info, []string{"http://a/announce", "wss://b"}, []string{"http://seed/"})
	if err != nil || string(again) != string(b) {
		t.Errorf("not the same twice: %v", err)
	}
}
