package mirror

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine/swarm/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const pieceLength = 4 * wire.BlockSize

// noise returns bytes that look random and depend on the name alone.
func noise(name string, n int) []byte {
	var b []byte
	for i := uint64(0); len(b) < n; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(name), i))
		b = append(b, sum[:]...)
	}
	return b[:n]
}

// site is a torrent with the name "site", and the files that a server has of it.
type site struct {
	files  []File
	onDisk map[string][]byte
	data   []byte
}

func newSite() *site { return &site{onDisk: make(map[string][]byte)} }

func (s *site) add(name string, size int) *site {
	content := noise(name, size)
	s.files = append(s.files, File{Path: strings.Split(name, "/"), Offset: int64(len(s.data)), Length: int64(size)})
	s.data = append(s.data, content...)
	s.onDisk["/site/"+name] = content
	return s
}

func (s *site) pad(size int) *site {
	s.files = append(s.files, File{
		Path: []string{".pad", "x"}, Offset: int64(len(s.data)), Length: int64(size), Padding: true,
	})
	s.data = append(s.data, make([]byte, size)...)
	return s
}

func (s *site) layout() wire.Layout {
	size := int64(len(s.data))
	return wire.Layout{Pieces: int((size + pieceLength - 1) / pieceLength), PieceLength: pieceLength, Size: size}
}

// blocks returns all blocks of a range of bytes.
func (s *site) blocks(start, end int) (all []wire.Block) {
	for off := start / wire.BlockSize * wire.BlockSize; off < end; off += wire.BlockSize {
		all = append(all, wire.Block{
			Piece: off / pieceLength, Begin: off % pieceLength, Length: min(wire.BlockSize, len(s.data)-off),
		})
	}
	return all
}

func (s *site) all() []wire.Block { return s.blocks(0, len(s.data)) }

func (s *site) block(b wire.Block) []byte {
	off := b.Piece*pieceLength + b.Begin
	return s.data[off : off+b.Length]
}

// ServeHTTP serves the files.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, ok := s.onDisk[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "x.bin", time.Time{}, bytes.NewReader(b))
}

// respond returns a server's response.
func (s *site) respond(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// transport is a server in the same process. It counts requests.
type transport struct {
	serve func(n int, r *http.Request) (*http.Response, error) // n is 1 with the first one

	mu       sync.Mutex
	requests []string // path and range
	at       []time.Time
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	t.requests = append(t.requests, r.URL.EscapedPath()+" "+r.Header.Get("Range"))
	t.at = append(t.at, time.Now())
	n := len(t.requests)
	t.mu.Unlock()
	return t.serve(n, r)
}

func (t *transport) log() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.requests...)
}

// status returns a response without content.
func status(code int, header ...string) *http.Response {
	w := httptest.NewRecorder()
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(code)
	return w.Result()
}

// truncated replaces the body of a response by its first n bytes, and then err.
func truncated(r *http.Response, n int64, err error) *http.Response {
	r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, n), failing{err}))
	return r
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

var errDropped = errors.New("connection reset by peer")

// silent is a body that sends nothing and ends with the request.
type silent struct{ r *http.Request }

func (s silent) Read([]byte) (int, error) {
	<-s.r.Context().Done()
	return 0, s.r.Context().Err()
}

// neverRespond waits until the request ends.
func neverRespond(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// peer uses a mirror as a torrent does.
type peer struct {
	*Conn
	t    *testing.T
	site *site
}

func connect(t *testing.T, s *site, rt http.RoundTripper, o wire.Options) *peer {
	t.Helper()
	return connectTo(t, s, "http://mirror.example/", rt, o)
}

func connectTo(t *testing.T, s *site, url string, rt http.RoundTripper, o wire.Options) *peer {
	t.Helper()
	p := &peer{New(Config{URL: url, Name: "site", Dir: true, Files: s.files, Transport: rt, UserAgent: "test"}), t, s}
	t.Cleanup(func() {
		p.Close()
		p.Wait()
	})
	p.Start(o)
	p.SetLayout(s.layout())
	p.expect(wire.HaveAll)
	p.expect(wire.Unchoke)
	return p
}

func (p *peer) read() wire.Message {
	p.t.Helper()
	m, err := p.Read()
	if err != nil {
		p.t.Fatalf("Read: %v", err)
	}
	if m.Type == wire.Piece {
		if want := p.site.block(m.Block); !bytes.Equal(m.Data, want) {
			p.t.Fatalf("block %+v is wrong", m.Block)
		}
	}
	return m
}

func (p *peer) expect(want wire.Type) wire.Message {
	p.t.Helper()
	m := p.read()
	if m.Type != want {
		p.t.Fatalf("got a message of type %d (%+v), want %d", m.Type, m.Block, want)
	}
	return m
}

func (p *peer) send(kind wire.Type, blocks ...wire.Block) {
	var all []wire.Message
	for _, b := range blocks {
		all = append(all, wire.Message{Type: kind, Block: b})
	}
	p.Send(all...)
}

func (p *peer) request(blocks ...wire.Block) { p.send(wire.Request, blocks...) }

// download fetches blocks while the peer offers them, with as many requests as that takes.
func (p *peer) download(blocks []wire.Block) {
	p.t.Helper()
	d := newDownload(blocks)
	for len(d.wanted) > 0 {
		if !d.choked {
			d.requestOffered(p, blocks)
		}
		d.readAnswer(p)
	}
}

type download struct {
	wanted, requested map[wire.Block]bool
	choked            bool
	bits              []byte // nil if all is offered
}

func newDownload(blocks []wire.Block) *download {
	d := &download{wanted: make(map[wire.Block]bool), requested: make(map[wire.Block]bool)}
	for _, b := range blocks {
		d.wanted[b] = true
	}
	return d
}

func (d *download) requestOffered(p *peer, blocks []wire.Block) {
	var more []wire.Block
	for _, b := range blocks {
		offered := len(d.bits) == 0 || d.bits[b.Piece/8]&(0x80>>(b.Piece%8)) != 0
		if d.wanted[b] && !d.requested[b] && offered {
			d.requested[b] = true
			more = append(more, b)
		}
	}
	p.request(more...)
}

func (d *download) readAnswer(p *peer) {
	p.t.Helper()
	switch m := p.read(); m.Type {
	case wire.Piece, wire.Reject:
		if !d.requested[m.Block] {
			p.t.Fatalf("block %+v has been answered and was not requested", m.Block)
		}
		delete(d.requested, m.Block)
		if m.Type == wire.Piece {
			delete(d.wanted, m.Block)
		}
	case wire.Choke, wire.Unchoke:
		if choked := m.Type == wire.Choke; choked == d.choked {
			p.t.Fatalf("choked twice, or unchoked twice: %v", choked)
		}
		d.choked = m.Type == wire.Choke
	case wire.Bitfield:
		d.bits = m.Bits
	case wire.HaveAll:
		d.bits = nil
	case wire.HaveNone:
		d.bits = make([]byte, (p.site.layout().Pieces+7)/8)
	default:
		p.t.Fatalf("got %+v", m)
	}
}
