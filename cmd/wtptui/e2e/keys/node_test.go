package keys_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Peers that know only our node find the nodes nearest to them through it, and put items where others look for them.
func TestOthersJoinTheDHTThroughOurNode(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	w := n.startWtptui(t, "--metrics-listen", "127.0.0.1:0")
	waitNodes(t, w, 10)
	ours := fmt.Sprintf("127.0.0.1:%d", w.PeerPort)

	k := newKey(t)
	stranger := peers.StartDHT(t, 0, ours)
	seq := time.Now().UnixMicro()
	stranger.PkarrPut(t, k.seed, seq, "text")
	if read, err := n.PkarrGet(t, k.public); err != nil || read.Seq != seq || !slices.Equal(read.Texts, []string{"text"}) {
		t.Errorf("the net has %+v, %v", read, err)
	}
	if err := n.checkStored(t, k, seq); err != nil {
		t.Error(err)
	}

	k = newKey(t)
	put := peers.StartLibtorrentDHT(t, ours).Put(t, k.seed, k.public, hex.EncodeToString([]byte("text")))
	if read, err := n.Get(t, k.public); err != nil || read.Seq != put.Seq {
		t.Errorf("the net has %+v, %v, libtorrent has put %+v", read, err, put)
	}
}

// waitNodes waits until our node knows that many others.
func waitNodes(t *testing.T, w *peers.Wtptui, least int) {
	t.Helper()
	m := regexp.MustCompile(`msg=metrics url=(http://\S+)/metrics\n`).FindStringSubmatch(w.Log())
	if m == nil {
		t.Fatalf("the log does not say where the metrics are:\n%s", w.Log())
	}
	count := regexp.MustCompile(`(?m)^wtptui_dht_nodes (\d+)$`)
	peers.Eventually(t, waitLong, "our node to know others", func() error {
		res, err := http.Get(m[1] + "/metrics")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		found := count.FindSubmatch(text)
		if found == nil {
			return fmt.Errorf("no count of nodes among the metrics:\n%s", text)
		}
		if nodes, err := strconv.Atoi(string(found[1])); err != nil || nodes < least {
			return fmt.Errorf("%s nodes", found[1])
		}
		return nil
	})
}
