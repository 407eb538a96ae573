package webtorrent

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// event is the event of an announce (BEP 3).
type event string

const (
	noEvent   event = ""
	started   event = "started"
	completed event = "completed"
	stopped   event = "stopped"
)

// announceRequest is an announce of a torrent.
type announceRequest struct {
	Action     string  `json:"action"`
	InfoHash   string  `json:"info_hash"`
	PeerID     string  `json:"peer_id"`
	TrackerID  string  `json:"trackerid,omitempty"`
	Event      event   `json:"event,omitempty"`
	Uploaded   int64   `json:"uploaded"`
	Downloaded int64   `json:"downloaded"`
	Left       int64   `json:"left"`
	NumWant    int     `json:"numwant"`
	Offers     []offer `json:"offers"`
}

// offer is an offer that the tracker may forward to a peer of its choice.
type offer struct {
	OfferID string      `json:"offer_id"`
	Offer   description `json:"offer"`
}

// answerRequest asks a tracker to forward an answer to the peer that made the offer.
type answerRequest struct {
	Action    string      `json:"action"`
	InfoHash  string      `json:"info_hash"`
	PeerID    string      `json:"peer_id"`
	TrackerID string      `json:"trackerid,omitempty"`
	ToPeerID  string      `json:"to_peer_id"`
	OfferID   string      `json:"offer_id"`
	Answer    description `json:"answer"`
}

// description is WebRTC's RTCSessionDescription.
type description struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
}

// message is a tracker's message: its response to an announce, or an offer or answer of a peer that it forwards.
type message struct {
	infohash [20]byte
	// failure is why the tracker refused, warning its warning: foreign texts, not clean. A refusal may come without an
	// infohash.
	failure, warning string
	trackerID        string
	interval         time.Duration // 0 when it did not say
	seeds, leechers  int           // -1 when it did not say

	// peerID and offerID belong to offer or answer, which are SDP; one of the two is empty.
	peerID        [20]byte
	offerID       string
	offer, answer string
}

// wireMessage has the fields of all messages.
type wireMessage struct {
	Action      string       `json:"action"`
	InfoHash    *string      `json:"info_hash"`
	Failure     string       `json:"failure reason"`
	Warning     string       `json:"warning message"`
	TrackerID   string       `json:"tracker id"`
	Interval    *float64     `json:"interval"`
	MinInterval *float64     `json:"min interval"`
	Complete    *float64     `json:"complete"`
	Incomplete  *float64     `json:"incomplete"`
	PeerID      string       `json:"peer_id"`
	OfferID     string       `json:"offer_id"`
	Offer       *description `json:"offer"`
	Answer      *description `json:"answer"`
}

// parseMessage parses a tracker's message.
func parseMessage(data []byte) (message, error) {
	var w wireMessage
	if err := json.Unmarshal(data, &w); err != nil {
		return message{}, fmt.Errorf("webtorrent: not a tracker's message: %w", err)
	}
	m := message{
		failure: w.Failure, warning: w.Warning, trackerID: w.TrackerID,
		interval: seconds(w.Interval), seeds: count(w.Complete), leechers: count(w.Incomplete),
	}
	if m.interval == 0 {
		m.interval = seconds(w.MinInterval)
	}
	if w.InfoHash == nil && m.failure != "" {
		return m, nil
	}
	if w.Action != "announce" {
		return message{}, fmt.Errorf("webtorrent: message with action %.20q", w.Action)
	}
	if w.InfoHash == nil {
		return message{}, errors.New("webtorrent: message without info_hash")
	}
	var err error
	if m.infohash, err = parseID(*w.InfoHash); err != nil {
		return message{}, fmt.Errorf("webtorrent: info_hash: %w", err)
	}
	if w.Offer == nil && w.Answer == nil {
		return m, nil
	}
	err = m.parseDescription(w)
	return m, err
}

// parseDescription parses an offer or answer.
func (m *message) parseDescription(w wireMessage) error {
	var err error
	if m.peerID, err = parseID(w.PeerID); err != nil {
		return fmt.Errorf("webtorrent: peer_id: %w", err)
	}
	if w.OfferID == "" || len(w.OfferID) > maxOfferID {
		return fmt.Errorf("webtorrent: offer_id of %d bytes", len(w.OfferID))
	}
	m.offerID = w.OfferID
	switch {
	case w.Offer != nil && w.Answer != nil:
		return errors.New("webtorrent: both an offer and an answer")
	case w.Offer != nil:
		m.offer, err = w.Offer.validate("offer")
	default:
		m.answer, err = w.Answer.validate("answer")
	}
	return err
}

// validate checks a description's type and size, and returns its SDP.
func (d description) validate(want string) (string, error) {
	switch {
	case d.Type != want:
		return "", fmt.Errorf("webtorrent: description of type %.20q, not %s", d.Type, want)
	case d.SDP == "" || len(d.SDP) > maxSDP:
		return "", fmt.Errorf("webtorrent: %s of %d bytes", want, len(d.SDP))
	}
	return d.SDP, nil
}

// encodeBinary encodes bytes as WebTorrent does: as a string with one character for each, U+0000 to U+00FF.
func encodeBinary(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// parseID is the reverse of encodeBinary, for infohashes and peer ids.
func parseID(s string) (id [20]byte, err error) {
	n := 0
	for _, r := range s {
		if r > math.MaxUint8 || n == len(id) {
			return [20]byte{}, fmt.Errorf("%.60q is not a string of 20 bytes", s)
		}
		id[n] = byte(r)
		n++
	}
	if n < len(id) {
		return [20]byte{}, fmt.Errorf("%q has %d bytes, not 20", s, n)
	}
	return id, nil
}

// seconds returns 0 for an invalid interval.
func seconds(v *float64) time.Duration {
	if v == nil || *v < 1 {
		return 0
	}
	return time.Duration(min(*v, 86400) * float64(time.Second))
}

// count returns -1 for an invalid number of peers.
func count(v *float64) int {
	if v == nil || *v < 0 {
		return -1
	}
	return int(min(*v, math.MaxInt32))
}
