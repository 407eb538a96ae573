package keys_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/miekg/dns"

	"wtptui/cmd/wtptui/e2e/peers"
)

// What is published with a key is read by all others, the first version and the next, at one address.
func TestPublishedKeyIsReadByAll(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	lt := peers.StartLibtorrentDHT(t, n.Nodes[:3]...)
	w := n.startWtptui(t)
	dir := makeSiteFolder(t, "one")
	first := publish(t, w, dir, "--key", "blog")
	if first.Key.Name != "blog" || first.Key.Host != first.Host {
		t.Errorf("published %+v", first)
	}
	before := n.waitRecord(t, lt, first)
	if age := time.Since(time.UnixMicro(before)); age < 0 || age > waitLong {
		t.Errorf("it was signed %v ago", age)
	}
	checkSameSite(t, w, w.WaitSeeding(t, waitLong, first.Host).LocalURL, dir)

	writeVersion(t, dir, "two")
	second := publish(t, w, dir) // with the key that it was published with last
	if second.Host != first.Host || second.Infohash == first.Infohash || second.Record.Nodes == 0 {
		t.Errorf("published %+v after %+v", second, first)
	}
	if after := n.waitRecord(t, lt, second); after <= before {
		t.Errorf("the sequence number is %d, after %d", after, before)
	}
	if name := resolve(t, w, first.Host); name.Record.Signer != "blog" || name.Record.Found == 0 {
		t.Errorf("its owner resolves %+v", name)
	}
}

// waitRecord waits until pkarr reads what was published, checks that the others read the same, and returns its sequence
// number.
func (n *network) waitRecord(t *testing.T, lt *peers.LibtorrentDHT, p publication) (seq int64) {
	t.Helper()
	public, want := publicKey(t, p.Host), "wtpkey="+p.Infohash
	var read peers.PkarrPacket
	peers.Eventually(t, waitLong, "pkarr to read "+want, func() (err error) {
		if read, err = n.PkarrGet(t, public); err == nil && !slices.Contains(read.Texts, want) {
			err = fmt.Errorf("%+v", read)
		}
		return err
	})
	item, err := n.Get(t, public)
	if err != nil {
		t.Fatalf("bittorrent-dht: %v", err)
	}
	var packet []byte
	value, err := hex.DecodeString(item.Value)
	if err := errors.Join(err, bencode.Unmarshal(value, &packet)); err != nil {
		t.Fatalf("bittorrent-dht reads %s: %v", item.Value, err)
	}
	if texts := recordTexts(t, packet, p.Host); item.Seq != read.Seq || !slices.Equal(texts, read.Texts) {
		t.Errorf("bittorrent-dht reads %d %q, pkarr %+v", item.Seq, texts, read)
	}
	text, err := lt.Get(t, public)
	if err != nil || text.Seq != read.Seq || text.Value != hex.EncodeToString(packet) {
		t.Errorf("libtorrent reads %+v, %v, bittorrent-dht %+v", text, err, item)
	}
	return read.Seq
}

// recordTexts returns the TXT records that a packet has at a key's name.
func recordTexts(t *testing.T, packet []byte, host string) (texts []string) {
	t.Helper()
	var m dns.Msg
	if err := m.Unpack(packet); err != nil {
		t.Fatalf("%x is no DNS packet: %v", packet, err)
	}
	for _, rr := range m.Answer {
		if txt, ok := rr.(*dns.TXT); ok && txt.Hdr.Name == host+"." {
			texts = append(texts, strings.Join(txt.Txt, ""))
		}
	}
	return texts
}

// If another machine has signed with the key, its record is not replaced unless a person says so.
func TestRecordOfAnotherMachineIsNotReplaced(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	w := n.startWtptui(t)
	k := newKey(t)
	_, elsewhere := n.makeVersion(t, "elsewhere")
	seq := time.Now().UnixMicro()
	n.PkarrPut(t, k.seed, seq, "wtpkey="+elsewhere.InfoHash)
	k.addTo(t, w, "blog")
	waitResolved(t, w, k.host, elsewhere.InfoHash)

	dir := makeSiteFolder(t, "here")
	stdout, stderr, code := w.RunCode(t, "publish", "--key", "blog", dir)
	if code != 1 || !strings.Contains(stderr, elsewhere.InfoHash) || !strings.Contains(stderr, "--take-over") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	if read, err := n.PkarrGet(t, k.public); err != nil || read.Seq != seq {
		t.Errorf("pkarr reads %+v, %v", read, err)
	}

	p := publish(t, w, dir, "--key", "blog", "--take-over")
	if p.Host != k.host {
		t.Errorf("published %+v, want the host %s", p, k.host)
	}
	peers.Eventually(t, waitLong, "pkarr to read the new record", func() error {
		read, err := n.PkarrGet(t, k.public)
		if err == nil && (read.Seq <= seq || !slices.Contains(read.Texts, "wtpkey="+p.Infohash)) {
			err = fmt.Errorf("%+v", read)
		}
		return err
	})
}

// A record from the future is read and reported. None is signed after it.
func TestRecordFromTheFutureIsReportedAndNotReplaced(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	w := n.startWtptui(t)
	k := newKey(t)
	dir, seed := n.makeVersion(t, "future")
	seq := time.Now().Add(7 * 24 * time.Hour).UnixMicro()
	n.PkarrPut(t, k.seed, seq, "wtpkey="+seed.InfoHash)
	if name := waitResolved(t, w, k.host, seed.InfoHash); len(name.Warnings) == 0 || name.Record.Seq != seq {
		t.Errorf("resolved %+v", name)
	}
	k.addTo(t, w, "blog")
	for _, flags := range [][]string{{}, {"--take-over"}} {
		if _, stderr, code := w.RunCode(t, "publish", append(flags, "--key", "blog", dir)...); code != 1 || stderr == "" {
			t.Errorf("%q: exit code %d, %q", flags, code, stderr)
		}
	}
	if read, err := n.PkarrGet(t, k.public); err != nil || read.Seq != seq {
		t.Errorf("pkarr reads %+v, %v", read, err)
	}
}

// Keys are exchanged with pkarr: its files have the same format, both ways.
func TestKeyFilesAreThoseOfPkarr(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	w := n.startWtptui(t)
	p := publish(t, w, makeSiteFolder(t, "one"), "--key", "blog")
	seed := strings.TrimSpace(w.Run(t, "keys", "export", "blog"))
	item := n.PkarrSign(t, seed, 1, "text")
	if item.Key != publicKey(t, p.Host) {
		t.Errorf("pkarr makes the key %s of it, want that of %s", item.Key, p.Host)
	}
}
