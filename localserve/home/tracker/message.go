package tracker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
)

// Limits for messages of browsers.
const (
	maxMessage = 128 << 10 // bytes
	maxSDP     = 16 << 10  // bytes of an offer or answer
	maxOfferID = 128       // bytes of an offer's id, which has 20 in practice
	maxOffers  = 10        // of one announce that are passed on
)

// message is a parsed message of a WebSocket. WebTorrent has no specification; the format is that of its trackers and
// clients.
type message struct {
	scrape   bool
	infohash [20]byte
	hashes   [][20]byte // of a scrape
	peerID   [20]byte
	event    event
	seed     bool
	offers   []offer
	// answer, if not empty, is the answer to the offer offerID of the peer toPeer.
	answer  string
	offerID string
	toPeer  [20]byte
}

// offer is a WebRTC offer for another peer.
type offer struct{ id, sdp string }

// wireMessage has the fields of all messages. Some clients send wrong types.
type wireMessage struct {
	Action   lenientString   `json:"action"`
	InfoHash json.RawMessage `json:"info_hash"`
	PeerID   lenientString   `json:"peer_id"`
	Event    lenientString   `json:"event"`
	Left     lenientNumber   `json:"left"`
	Offers   offers          `json:"offers"`
	Answer   *description    `json:"answer"`
	OfferID  lenientString   `json:"offer_id"`
	ToPeerID lenientString   `json:"to_peer_id"`
}

// description is WebRTC's RTCSessionDescription.
type description struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
}

// lenientString is a string; it is empty for any other JSON value.
type lenientString string

// UnmarshalJSON implements json.Unmarshaler.
func (t *lenientString) UnmarshalJSON(data []byte) error {
	var s string
	if data[0] == '"' && json.Unmarshal(data, &s) == nil {
		*t = lenientString(s)
	}
	return nil
}

// lenientNumber is a number, or its digits in a string; -1 for any other value: while the size is unknown, clients
// send an infinity, which JSON does not have.
type lenientNumber float64

// UnmarshalJSON implements json.Unmarshaler.
func (n *lenientNumber) UnmarshalJSON(data []byte) error {
	*n = -1
	digits := bytes.Trim(data, `"`)
	if len(bytes.Trim(digits, "0123456789.eE+-")) > 0 {
		return nil // Returning an error would cost much more than this check.
	}
	if f, err := strconv.ParseFloat(string(digits), 64); err == nil {
		*n = lenientNumber(f)
	}
	return nil
}

// offers are the first ones of a list. Messages may be long, and parsing thousands of offers is expensive.
type offers []offer

// UnmarshalJSON implements json.Unmarshaler.
func (o *offers) UnmarshalJSON(data []byte) error {
	*o = nil
	for raw := range firstItems(data, maxOffers) {
		if one, ok := parseOffer(raw); ok {
			*o = append(*o, one)
		}
	}
	return nil
}

// firstItems returns the first values of a JSON list, at most n; none for any other value.
func firstItems(list []byte, n int) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		d := json.NewDecoder(bytes.NewReader(list))
		if begin, err := d.Token(); err != nil || begin != json.Delim('[') {
			return
		}
		for ; n > 0 && d.More(); n-- {
			var raw json.RawMessage
			if d.Decode(&raw) != nil || !yield(raw) {
				return
			}
		}
	}
}

// parseMessage parses a message. The error is for the peer's user.
func parseMessage(data []byte) (message, error) {
	w := wireMessage{Left: -1}
	if err := json.Unmarshal(data, &w); err != nil {
		return message{}, errors.New("that is not a message of a WebTorrent client")
	}
	switch w.Action {
	case "scrape":
		return parseScrape(w.InfoHash)
	case "announce":
	default:
		return message{}, errors.New("action is neither announce nor scrape")
	}
	var m message
	var hash lenientString
	if len(w.InfoHash) > 0 {
		_ = hash.UnmarshalJSON(w.InfoHash) // It never fails.
	}
	var ok bool
	if m.infohash, ok = binaryID(string(hash)); !ok {
		return message{}, errors.New("info_hash is not 20 bytes")
	}
	if m.peerID, ok = binaryID(string(w.PeerID)); !ok {
		return m, errors.New("peer_id is not 20 bytes")
	}
	if w.Answer != nil {
		err := m.parseAnswer(w)
		return m, err
	}
	switch w.Event {
	case "completed":
		m.event = completed
	case "stopped":
		m.event = stopped
	case "started":
		m.event = started
	}
	m.seed = w.Left == 0
	m.offers = w.Offers
	return m, nil
}

// parseAnswer parses the fields of an answer.
func (m *message) parseAnswer(w wireMessage) error {
	var ok bool
	if m.toPeer, ok = binaryID(string(w.ToPeerID)); !ok {
		return errors.New("to_peer_id is not 20 bytes")
	}
	if !isOfferID(string(w.OfferID)) {
		return errors.New("offer_id is missing or too long")
	}
	if w.Answer.Type != "answer" || w.Answer.SDP == "" || len(w.Answer.SDP) > maxSDP {
		return fmt.Errorf("answer is none, or is over %d bytes", maxSDP)
	}
	m.answer, m.offerID = w.Answer.SDP, string(w.OfferID)
	return nil
}

func isOfferID(s string) bool { return s != "" && len(s) <= maxOfferID }

func parseOffer(raw json.RawMessage) (offer, bool) {
	var w struct {
		OfferID string      `json:"offer_id"`
		Offer   description `json:"offer"`
	}
	err := json.Unmarshal(raw, &w)
	ok := err == nil && isOfferID(w.OfferID) && w.Offer.Type == "offer" && w.Offer.SDP != "" && len(w.Offer.SDP) <= maxSDP
	return offer{w.OfferID, w.Offer.SDP}, ok
}

// parseScrape parses one infohash or a list of them.
func parseScrape(raw json.RawMessage) (message, error) {
	m := message{scrape: true}
	add := func(raw json.RawMessage) {
		var s lenientString
		_ = s.UnmarshalJSON(raw) // It never fails.
		if hash, ok := binaryID(string(s)); ok {
			m.hashes = append(m.hashes, hash)
		}
	}
	if len(raw) > 0 && raw[0] == '"' {
		add(raw)
	}
	for item := range firstItems(raw, maxScraped) {
		add(item)
	}
	if len(m.hashes) == 0 {
		return message{}, errors.New("info_hash is not 20 bytes")
	}
	return m, nil
}

// binaryString encodes bytes as WebTorrent does: as a string with one character for each, U+0000 to U+00FF.
func binaryString(b [20]byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// binaryID is the inverse of binaryString.
func binaryID(s string) (id [20]byte, ok bool) {
	n := 0
	for _, r := range s {
		if r > math.MaxUint8 || n == len(id) {
			return id, false
		}
		id[n] = byte(r)
		n++
	}
	return id, n == len(id)
}

// Messages to peers.
type (
	webAnswer struct {
		Action     string `json:"action"`
		InfoHash   string `json:"info_hash"`
		Interval   int    `json:"interval"` // seconds
		Complete   int    `json:"complete"`
		Incomplete int    `json:"incomplete"`
	}
	webFailure struct {
		Action   string `json:"action"`
		InfoHash string `json:"info_hash,omitempty"`
		Failure  string `json:"failure reason"`
	}
	webScrape struct {
		Action string                 `json:"action"`
		Files  map[string]scrapeEntry `json:"files"`
	}
	// relayedMessage is an offer or an answer of another peer.
	relayedMessage struct {
		Action   string       `json:"action"`
		InfoHash string       `json:"info_hash"`
		PeerID   string       `json:"peer_id"`
		OfferID  string       `json:"offer_id"`
		Offer    *description `json:"offer,omitempty"`
		Answer   *description `json:"answer,omitempty"`
	}
)
