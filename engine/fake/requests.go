package fake

import (
	"slices"
	"time"

	"wtptui/engine"
)

// maxRequests is the maximum number of remembered requests.
const maxRequests = 60

// addRequest adds a browser's request for a random file. While the site is incomplete, some requests wait for pieces
// from peers.
func (s *site) addRequest(now time.Time) {
	if len(s.files) == 0 {
		return
	}
	f := s.files[s.pageRNG.IntN(min(len(s.files), 40))]
	r := engine.Request{
		At: engine.At(now.Add(-time.Duration(s.pageRNG.IntN(900)) * time.Millisecond)), Method: "GET", Path: "/" + f.Path,
		Status: 200, Bytes: f.Size,
		From: []string{},
	}
	wait := time.Duration(300+s.pageRNG.IntN(2500)) * time.Microsecond
	switch n := s.pageRNG.IntN(20); {
	case n == 0:
		r.Path, r.Status, r.Bytes = "/favicon.ico", 404, 1200
	case n < 4:
		r.Status, r.Bytes = 304, 0
	case s.Completed < s.Size || s.script.Requests > 0 && n < 7:
		s.waitForPieces(&r, &wait)
	}
	r.Wait = int64(wait)
	r.Took = r.Wait + r.Bytes*12 // about 80 MB/s
	s.recordRequest(r)
}

// addMissingPart adds a request of the front page that has timed out.
func (s *site) addMissingPart(now time.Time) {
	s.MissingParts++
	s.MissingPage = "/" + s.files[0].Path
	f := s.files[max(len(s.files)-s.MissingParts, 0)]
	wait := (30 * time.Second).Nanoseconds()
	s.recordRequest(engine.Request{
		At: engine.At(now.Add(-time.Minute)), Method: "GET", Path: "/" + f.Path, Page: s.MissingPage, Status: 504,
		Wait: wait, Took: wait,
		Pieces: 1, From: []string{},
	})
}

func (s *site) recordRequest(r engine.Request) {
	s.requests = slices.Insert(slices.Clone(s.requests), 0, r)
	s.requests = s.requests[:min(len(s.requests), maxRequests)]
}

// waitForPieces changes a request into one that had to wait for pieces.
func (s *site) waitForPieces(r *engine.Request, wait *time.Duration) {
	if s.script.Unseeded || len(s.peers) == 0 {
		*wait = 30 * time.Second
		r.Status, r.Bytes, r.Pieces = 503, 0, 1
		return
	}
	r.Pieces = 1 + s.pageRNG.IntN(6)
	for i := range min(r.Pieces, len(s.peers), 3) {
		r.From = append(r.From, s.peers[(i*7+s.pageRNG.IntN(len(s.peers)))%len(s.peers)].Address)
	}
	slices.Sort(r.From)
	r.From = slices.Compact(r.From)
	*wait = time.Duration(r.Pieces) * time.Duration(60+s.pageRNG.IntN(700)) * time.Millisecond
}
