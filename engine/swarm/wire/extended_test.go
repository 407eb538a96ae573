package wire

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wtptui/engine/swarm/bencode"
)

// TestHello: invalid fields of an extended handshake are ignored, and the others count.
func TestHello(t *testing.T) {
	for name, tt := range map[string]struct {
		payload string
		want    *HelloMsg // nil if it is none
	}{
		"nothing":        {"de", &HelloMsg{}},
		"all":            {"d1:md6:ut_pexi1ee4:reqqi250e1:v1:xe", &HelloMsg{Client: "x", Requests: 250, PEX: true}},
		"m of text":      {"d1:m3:abc1:v1:xe", &HelloMsg{Client: "x"}},
		"m is a list":    {"d1:ml6:ut_pexi1eee", &HelloMsg{}},
		"unsorted keys":  {"d1:v1:x1:md6:ut_pexi1e11:ut_metadatai2eee", &HelloMsg{Client: "x", PEX: true, Metadata: true}},
		"keys twice":     {"d1:v1:x1:v1:ye", &HelloMsg{Client: "x"}},
		"ids over 255":   {"d1:md6:ut_pexi256e11:ut_metadatai255eee", &HelloMsg{Metadata: true}},
		"ids below zero": {"d1:md6:ut_pexi-1eee", &HelloMsg{}},
		"ids of text":    {"d1:md6:ut_pex1:2ee", &HelloMsg{}},
		"ids of zero":    {"d1:md6:ut_pexi0eee", &HelloMsg{}},
		"equal ids":      {"d1:md6:ut_pexi9e11:ut_metadatai9eee", &HelloMsg{PEX: true, Metadata: true}},
		"no name":        {"d1:md0:i1eee", &HelloMsg{}},
		"reqq of text":   {"d4:reqq3:250e", &HelloMsg{}},
		"reqq below 0":   {"d4:reqqi-5ee", &HelloMsg{}},
		"endless reqq":   {"d4:reqqi9223372036854775808ee", &HelloMsg{}},
		"large reqq":     {"d4:reqqi1000000ee", &HelloMsg{Requests: 65535}},
		"-0":             {"d4:reqqi-0ee", &HelloMsg{}},
		"no digits":      {"d4:reqqie1:v1:xe", &HelloMsg{Client: "x"}},
		"no number":      {"d4:reqqi1.5e1:v1:xe", &HelloMsg{Client: "x"}},
		"size below 0":   {"d13:metadata_sizei-1ee", &HelloMsg{}},
		"size":           {"d13:metadata_sizei67108864ee", &HelloMsg{InfoSize: 64 << 20}},
		"too large":      {"d13:metadata_sizei67108865ee", &HelloMsg{}},
		"port 65536":     {"d1:pi65536ee", &HelloMsg{}},
		"port 65535":     {"d1:pi65535ee", &HelloMsg{Port: 65535}},
		"port below 0":   {"d1:pi-6881ee", &HelloMsg{}},
		"upload only":    {"d11:upload_onlyi1ee", &HelloMsg{UploadOnly: true}},
		"v is a number":  {"d1:vi5ee", &HelloMsg{}},
		"a long name": {
			"d1:v1000:" + strings.Repeat("x", 1000) + "e",
			&HelloMsg{Client: strings.Repeat("x", maxClientLength)},
		},
		"what others say": {
			"d12:complete_agoi-1e1:md11:upload_onlyi3e12:ut_holepunchi4ee4:reqqi250e1:v0:6:yourip4:\x7f\x00\x00\x01e",
			&HelloMsg{Requests: 250, Holepunch: true},
		},
		"trailing bytes":         {"d1:v1:xegarbage", &HelloMsg{Client: "x"}},
		"deep":                   {"d1:x" + nested(bencode.MaxDepth-1) + "e", &HelloMsg{}},
		"too deep":               {"d1:x" + nested(bencode.MaxDepth) + "e", nil},
		"very deep":              {strings.Repeat("d1:x", 10_000), nil},
		"deep lists":             {"d1:v1:x1:x" + strings.Repeat("l", 60_000), nil},
		"a huge string":          {"d1:v2147483647:abce", nil},
		"a string without end":   {"d1:v99999999999999999999999999999999999999:abce", nil},
		"a string of minus one":  {"d1:v-1:e", nil},
		"no end":                 {"d1:v1:x", nil},
		"no value":               {"d1:ve", &HelloMsg{}},
		"a number without end":   {"d1:pi" + strings.Repeat("1", 60_000), nil},
		"a number for a key":     {"di1ei2e1:v1:xe", &HelloMsg{}},
		"a list":                 {"l1:v1:xe", nil},
		"a number":               {"i5e", nil},
		"text":                   {"5:hello", nil},
		"e":                      {"e", nil},
		"no bytes":               {"", nil},
		"a colon":                {"d:e", nil},
		"digits only":            {"d123", nil},
		"leading zeros":          {"d01:v01:xe", &HelloMsg{Client: "x"}},
		"a name of odd bytes":    {"d1:v3:\x00\xff\ne", &HelloMsg{Client: "\x00\xff\n"}},
		"a megabyte is declared": {"d1:v1000000:xe", nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := connReading([]byte(extended(helloID, tt.payload) + frame(idHave, numbers(1))))
			for id := range c.peer.ids {
				c.peer.ids[id].Store(0)
			}
			all, err := readAll(c)
			if !errors.Is(err, io.EOF) || len(all) == 0 || all[len(all)-1].Type != Have {
				t.Fatalf("what follows is not read: %v, %v", all, err)
			}
			var got *HelloMsg
			if len(all) == 2 {
				got = all[0].Hello
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// nested returns the encoding of n lists in each other.
func nested(n int) string { return strings.Repeat("l", n) + strings.Repeat("e", n) }

// TestHellos: further extended handshakes may add and remove extensions, up to a limit.
func TestHellos(t *testing.T) {
	first := "d1:md12:ut_holepunchi5e6:ut_pexi7e11:ut_metadatai9ee13:metadata_sizei100e1:pi6881e4:reqqi250e" +
		"11:upload_onlyi1e1:v1:xe"
	then := "d1:md6:ut_pexi0ee11:upload_onlyi0e4:reqq1:xe"
	c := connReading([]byte(extended(0, first) + extended(0, then) + extended(0, "junk")))
	all, err := readAll(c)
	if !errors.Is(err, io.EOF) || len(all) != 2 {
		t.Fatal(all, err)
	}
	want := HelloMsg{
		Client: "x", InfoSize: 100, Requests: 250, Port: 6881, Metadata: true, PEX: true, Holepunch: true, UploadOnly: true,
	}
	if *all[0].Hello != want {
		t.Errorf("first %+v, want %+v", *all[0].Hello, want)
	}
	want.PEX, want.UploadOnly = false, false
	if *all[1].Hello != want {
		t.Errorf("then %+v, want %+v", *all[1].Hello, want)
	}
	for _, tt := range []struct {
		m    Message
		want string
	}{
		{Message{Type: InfoRequest}, extended(9, "d8:msg_typei0e5:piecei0ee")},
		{Message{Type: Peers, Peers: &PeersMsg{}}, ""},
		{Message{Type: Hello, Hello: &HelloMsg{}}, extended(0, "d1:mdee")},
	} {
		if got := string(c.peer.append(nil, &tt.m)); got != tt.want {
			t.Errorf("the peer is told %q, want %q", got, tt.want)
		}
	}

	var many []byte
	for i := range 1000 {
		many = append(many, extended(0, fmt.Sprintf("d1:v4:%04de", i))...)
	}
	c = connReading(many)
	all, err = readAll(c)
	if !errors.Is(err, io.EOF) || len(all) != maxHellos || all[maxHellos-1].Hello.Client != "0019" {
		t.Errorf("%d count, %v", len(all), err)
	}
}

// TestExtended: messages of extensions with odd contents.
func TestExtended(t *testing.T) {
	info := func(s string) string { return extended(metadataID, s) }
	four := "\x01\x02\x03\x04\x1a\xe1"
	six := "\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01\x1a\xe1"
	mapped := strings.Repeat("\x00", 10) + "\xff\xff\x01\x02\x03\x04\x1a\xe1"
	a4, a6 := netip.MustParseAddrPort("1.2.3.4:6881"), netip.MustParseAddrPort("[2001:db8::1]:6881")
	pex := func(added ...netip.AddrPort) *Message { return &Message{Type: Peers, Peers: &PeersMsg{Added: added}} }
	punch := func(k HolepunchKind, a netip.AddrPort, code uint32) *Message {
		return &Message{Type: Holepunch, Holepunch: HolepunchMsg{Kind: k, Peer: a, Code: code}}
	}
	parts := func(ty Type, m InfoMsg) *Message { return &Message{Type: ty, Info: m} }
	block := strings.Repeat("b", BlockSize)
	part := "d8:msg_typei1e5:piecei1e10:total_sizei40000ee"
	x := parts(InfoPiece, InfoMsg{1, 0, []byte("x")})
	many := pex(slices.Repeat([]netip.AddrPort{a4}, maxPEXAddrs)...)
	dropped := &Message{Type: Peers, Peers: &PeersMsg{Dropped: []netip.AddrPort{a4, a6}}}
	for name, tt := range map[string]struct {
		bytes string
		want  *Message // nil if it means nothing
	}{
		"a request":                 {info("d8:msg_typei0e5:piecei4095ee"), parts(InfoRequest, InfoMsg{Piece: 4095})},
		"behind the largest":        {info("d8:msg_typei0e5:piecei4096ee"), nil},
		"below the first":           {info("d8:msg_typei0e5:piecei-1ee"), nil},
		"no part":                   {info("d8:msg_typei0ee"), nil},
		"a part of text":            {info("d8:msg_typei0e5:piece1:1e"), nil},
		"no kind":                   {info("d5:piecei0ee"), nil},
		"an unknown kind":           {info("d8:msg_typei3e5:piecei0ee"), nil},
		"a kind below zero":         {info("d8:msg_typei-1e5:piecei0ee"), nil},
		"a kind that wraps":         {info("d8:msg_typei256e5:piecei0ee"), nil},
		"a request with a tail":     {info("d8:msg_typei0e5:piecei1eetail"), parts(InfoRequest, InfoMsg{Piece: 1})},
		"a whole part":              {info(part + block), parts(InfoPiece, InfoMsg{1, 40000, []byte(block)})},
		"one byte too much":         {info(part + block + "b"), nil},
		"an empty part":             {info(part), parts(InfoPiece, InfoMsg{1, 40000, []byte{}})},
		"no size":                   {info("d8:msg_typei1e5:piecei1eex"), x},
		"a size below zero":         {info("d8:msg_typei1e5:piecei1e10:total_sizei-4eex"), x},
		"a reject":                  {info("d8:msg_typei2e5:piecei1ee"), parts(InfoReject, InfoMsg{Piece: 1})},
		"nothing":                   {info(""), nil},
		"no dictionary":             {info("le"), nil},
		"peers":                     {extended(pexID, "d5:added6:"+four+"6:added618:"+six+"e"), pex(a4, a6)},
		"mapped":                    {extended(pexID, "d6:added618:"+mapped+"e"), pex(a4)},
		"with flags":                {extended(pexID, "d5:added6:"+four+"7:added.f1:\x02e"), pex(a4)},
		"one byte more":             {extended(pexID, "d5:added7:"+four+"xe"), pex(a4)},
		"one byte less":             {extended(pexID, "d5:added5:"+four[:5]+"e"), pex()},
		"six in four":               {extended(pexID, "d5:added18:"+four+four+four+"e"), pex(a4, a4, a4)},
		"a list":                    {extended(pexID, "d5:addedl6:"+four+"ee"), pex()},
		"without a port":            {extended(pexID, "d5:added12:"+four[:4]+"\x00\x00"+four+"e"), pex(a4)},
		"ten thousand":              {extended(pexID, "d5:added60000:"+strings.Repeat(four, 10_000)+"e"), many},
		"dropped":                   {extended(pexID, "d7:dropped6:"+four+"8:dropped618:"+six+"e"), dropped},
		"no peers":                  {extended(pexID, ""), nil},
		"a rendezvous":              {extended(holepunchID, "\x00\x00"+four+"\x00\x00\x00\x00"), punch(Rendezvous, a4, 0)},
		"without a code":            {extended(holepunchID, "\x00\x01"+six), punch(Rendezvous, a6, 0)},
		"connect":                   {extended(holepunchID, "\x01\x01"+six+"\x00\x00\x00\x00"), punch(Connect, a6, 0)},
		"a mapped address":          {extended(holepunchID, "\x01\x01"+mapped), punch(Connect, a4, 0)},
		"an error":                  {extended(holepunchID, "\x02\x00"+four+numbers(4)), punch(HolepunchError, a4, 4)},
		"an error without a code":   {extended(holepunchID, "\x02\x00"+four+"\x00"), punch(HolepunchError, a4, 0)},
		"a code that does not fit":  {extended(holepunchID, "\x01\x00"+four+"\x00\x00\x00\x04"), punch(Connect, a4, 0)},
		"no such holepunch":         {extended(holepunchID, "\x03\x00"+four+"\x00\x00\x00\x00"), nil},
		"no such address":           {extended(holepunchID, "\x00\x02"+six+"\x00\x00\x00\x00"), nil},
		"half an address":           {extended(holepunchID, "\x00\x01"+six[:17]), nil},
		"a holepunch of one byte":   {extended(holepunchID, "\x00"), nil},
		"a holepunch of no port":    {extended(holepunchID, "\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00"), nil},
		"a holepunch of no address": {extended(holepunchID, "\x00\x00"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := readAll(connReading([]byte(tt.bytes)))
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			switch {
			case tt.want == nil && len(all) > 0:
				t.Errorf("means %+v", all[0])
			case tt.want != nil && (len(all) != 1 || !reflect.DeepEqual(all[0], *tt.want)):
				t.Errorf("means %+v, want %+v", all, *tt.want)
			}
		})
	}
}

// TestInvalidAddressesAreNotSent: invalid addresses are omitted, and so are fields that become empty.
func TestInvalidAddressesAreNotSent(t *testing.T) {
	m := Message{Type: Peers, Peers: &PeersMsg{Added: []netip.AddrPort{{}, netip.MustParseAddrPort("[::ffff:1.2.3.4]:5")}}}
	want := extended(pexID, "d5:added6:\x01\x02\x03\x04\x00\x057:added.f1:\x00e")
	if got := string(allFeatures().append(nil, &m)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m = Message{Type: Holepunch}
	if got := string(allFeatures().append([]byte("before"), &m)); got != "before" {
		t.Errorf("%q", got)
	}
}
