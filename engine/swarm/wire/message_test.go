package wire

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

// said are messages as they go over the wire, both ways. needs is what the peer must understand.
var said = map[string]struct {
	m     Message
	bytes string
	needs string
}{
	"choke":          {Message{Type: Choke}, frame(0, ""), ""},
	"unchoke":        {Message{Type: Unchoke}, frame(1, ""), ""},
	"interested":     {Message{Type: Interested}, frame(2, ""), ""},
	"not interested": {Message{Type: NotInterested}, frame(3, ""), ""},
	"have":           {Message{Type: Have, Block: Block{Piece: 0x10203}}, frame(4, "\x00\x01\x02\x03"), ""},
	"bitfield":       {Message{Type: Bitfield, Bits: []byte{0xa0, 0x01}}, frame(5, "\xa0\x01"), ""},
	"bitfield of 0":  {Message{Type: Bitfield, Bits: []byte{}}, frame(5, ""), ""},
	"request":        {Message{Type: Request, Block: Block{1, 0x4000, 0x4000}}, frame(6, numbers(1, 0x4000, 0x4000)), ""},
	"piece": {
		Message{Type: Piece, Block: Block{1, 0x4000, 5}, Data: []byte("hello")}, frame(7, numbers(1, 0x4000)+"hello"), "",
	},
	"cancel":       {Message{Type: Cancel, Block: Block{1, 0x4000, 100}}, frame(8, numbers(1, 0x4000, 100)), ""},
	"port":         {Message{Type: Port, Port: 6881}, frame(9, "\x1a\xe1"), "dht"},
	"suggest":      {Message{Type: Suggest, Block: Block{Piece: 7}}, frame(13, numbers(7)), "fast"},
	"have all":     {Message{Type: HaveAll}, frame(14, ""), "fast"},
	"have none":    {Message{Type: HaveNone}, frame(15, ""), "fast"},
	"reject":       {Message{Type: Reject, Block: Block{1, 0, 0x4000}}, frame(16, numbers(1, 0, 0x4000)), "fast"},
	"allowed fast": {Message{Type: AllowedFast, Block: Block{Piece: 7}}, frame(17, numbers(7)), "fast"},
	"hello": {
		Message{Type: Hello, Hello: &HelloMsg{
			Client: "test 1", InfoSize: 1000, Requests: 500, Port: 6881,
			Metadata: true, PEX: true, Holepunch: true, UploadOnly: true,
		}},
		extended(0, "d1:md12:ut_holepunchi1e11:ut_metadatai3e6:ut_pexi2ee13:metadata_sizei1000e1:pi6881e4:reqqi500e"+
			"11:upload_onlyi1e1:v6:test 1e"), "extended",
	},
	"info request": {
		Message{Type: InfoRequest, Info: InfoMsg{Piece: 2}}, extended(3, "d8:msg_typei0e5:piecei2ee"), "metadata",
	},
	"info piece": {
		Message{Type: InfoPiece, Info: InfoMsg{Piece: 2, Size: 32773, Data: []byte("ddeee")}},
		extended(3, "d8:msg_typei1e5:piecei2e10:total_sizei32773eeddeee"), "metadata",
	},
	"info reject": {
		Message{Type: InfoReject, Info: InfoMsg{Piece: 2}}, extended(3, "d8:msg_typei2e5:piecei2ee"), "metadata",
	},
	"peers": {
		Message{Type: Peers, Peers: &PeersMsg{
			Added:   []netip.AddrPort{netip.MustParseAddrPort("1.2.3.4:5"), netip.MustParseAddrPort("[2001:db8::1]:6")},
			Dropped: []netip.AddrPort{netip.MustParseAddrPort("1.2.3.5:258")},
		}},
		extended(2, "d5:added6:\x01\x02\x03\x04\x00\x05"+"7:added.f1:\x00"+
			"6:added618:\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x06"+"8:added6.f1:\x00"+
			"7:dropped6:\x01\x02\x03\x05\x01\x02e"), "pex",
	},
	"no peers": {Message{Type: Peers, Peers: &PeersMsg{}}, extended(2, "de"), "pex"},
	"rendezvous": {
		Message{Type: Holepunch, Holepunch: HolepunchMsg{Kind: Rendezvous, Peer: netip.MustParseAddrPort("1.2.3.4:5")}},
		extended(1, "\x00\x00\x01\x02\x03\x04\x00\x05\x00\x00\x00\x00"), "holepunch",
	},
	"connect": {
		Message{Type: Holepunch, Holepunch: HolepunchMsg{Kind: Connect, Peer: netip.MustParseAddrPort("[2001:db8::1]:6")}},
		extended(1, "\x01\x01\x20\x01\x0d\xb8"+strings.Repeat("\x00", 11)+"\x01\x00\x06\x00\x00\x00\x00"), "holepunch",
	},
	"holepunch error": {
		Message{Type: Holepunch, Holepunch: HolepunchMsg{
			Kind: HolepunchError, Peer: netip.MustParseAddrPort("1.2.3.4:5"), Code: 2,
		}},
		extended(1, "\x02\x00\x01\x02\x03\x04\x00\x05\x00\x00\x00\x02"), "holepunch",
	},
}

// TestMessages: each message is sent to peers that support it, and is read unchanged.
func TestMessages(t *testing.T) {
	who := map[string]func(a *peerFeatures){
		"fast":      func(a *peerFeatures) { a.fast = true },
		"dht":       func(a *peerFeatures) { a.dht = true },
		"extended":  func(a *peerFeatures) { a.extended = true },
		"metadata":  func(a *peerFeatures) { a.ids[metadataID].Store(metadataID) },
		"pex":       func(a *peerFeatures) { a.ids[pexID].Store(pexID) },
		"holepunch": func(a *peerFeatures) { a.ids[holepunchID].Store(holepunchID) },
	}
	for name, tt := range said {
		t.Run(name, func(t *testing.T) {
			if got := string(allFeatures().append(nil, &tt.m)); got != tt.bytes {
				t.Errorf("is said as %q\nwant %q", got, tt.bytes)
			}
			for only, can := range who {
				a, want := &peerFeatures{}, ""
				can(a)
				if tt.needs == "" || tt.needs == only {
					want = tt.bytes
				}
				if got := string(a.append(nil, &tt.m)); got != want {
					t.Errorf("to one who understands %s it is %q, want %q", only, got, want)
				}
			}
			c := connReading([]byte(tt.bytes))
			m, err := c.Read()
			if err != nil || !reflect.DeepEqual(m, tt.m) {
				t.Errorf("is read as %+v, %v; want %+v", m, err, tt.m)
			}
			if _, err := c.Read(); !errors.Is(err, io.EOF) {
				t.Errorf("then comes %v", err)
			}
			if tt.m.Type == Piece && cap(m.Data) != BlockSize {
				t.Errorf("the data are no buffer of Alloc: room for %d", cap(m.Data))
			}
			Free(m.Data)
		})
	}
	types := map[Type]bool{}
	for _, tt := range said {
		types[tt.m.Type] = true
	}
	if len(types) != int(Holepunch)+1 {
		t.Errorf("%d types are tested", len(types))
	}
}

// TestCutMessages: a connection may end anywhere.
func TestCutMessages(t *testing.T) {
	for name, tt := range said {
		for n := range len(tt.bytes) {
			m, err := connReading([]byte(tt.bytes[:n])).Read()
			want := io.ErrUnexpectedEOF
			if n == 0 {
				want = io.EOF
			}
			if !errors.Is(err, want) || m.Data != nil {
				t.Errorf("%s, %d bytes of it: %v, %v", name, n, m, err)
			}
		}
	}
}

// TestMalformedFrames: unknown messages are skipped, and invalid ones end the connection.
func TestMalformedFrames(t *testing.T) {
	const after = "\x00\x00\x00\x05\x04\x00\x00\x00\x09" // Have 9.
	dictOf := func(n int) string { return fmt.Sprintf("d1:v%d:%se", n, strings.Repeat("x", n)) }
	long := func(id byte, n int) string { return frame(id, strings.Repeat("x", n)) }
	for name, tt := range map[string]struct {
		bytes string
		want  bool // that what follows is read
	}{
		"keep-alive":                       {"\x00\x00\x00\x00", true},
		"many keep-alives":                 {strings.Repeat("\x00", 4*10_000), true},
		"unknown":                          {frame(21, ""), true},
		"unknown and long":                 {long(200, 1<<20), true},
		"unknown and too long":             {long(200, 1<<20+1), false},
		"4 GiB":                            {"\xff\xff\xff\xff\xc8", false},
		"a block of 4 GiB":                 {"\xff\xff\xff\xff\x07", false},
		"2 GiB of a choke":                 {"\x80\x00\x00\x00\x00", false},
		"the old ones of BEP 6":            {frame(0x0a, "") + frame(0x0b, "") + frame(0x0c, ""), true},
		"hash requests of v2":              {long(21, 48) + long(22, 48+64) + long(23, 48), true},
		"a choke with a body":              {long(0, 1), false},
		"not interested with a body":       {long(3, 1), false},
		"a short have":                     {long(4, 3), false},
		"a long have":                      {long(4, 5), false},
		"a short request":                  {long(6, 11), false},
		"a long request":                   {long(6, 13), false},
		"a short piece":                    {long(7, 7), false},
		"an empty piece":                   {frame(7, numbers(0, 0)), false},
		"a short cancel":                   {long(8, 11), false},
		"a port of 32 bits":                {long(9, 4), false},
		"a short suggestion":               {long(13, 3), false},
		"have all with a body":             {long(14, 1), false},
		"have none with a body":            {long(15, 1), false},
		"a long reject":                    {long(16, 13), false},
		"a long allowed fast":              {long(17, 8), false},
		"an extended one without a number": {frame(20, ""), true},
		"an extended one of others":        {extended(4, "whatever"), true},
		"an extended one that is long":     {extended(0, dictOf(maxExtended)), true},
		"an extended one that is too long": {extended(0, strings.Repeat("x", maxSkipped)), false},
		"a bitfield that is too long":      {long(5, MaxPieces/8+1), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := connReading([]byte(tt.bytes + after))
			m, err := c.Read()
			if got := err == nil && m.Type == Have && m.Block.Piece == 9; got != tt.want || !got && err == nil {
				t.Errorf("%+v, %v", m, err)
			}
			if err != nil && (errors.Is(err, io.EOF) || !c.conn.Conn.(*script).closed) {
				t.Errorf("is not ended for what was said: %v", err)
			}
		})
	}
}
