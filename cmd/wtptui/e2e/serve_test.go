package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A wtptui that knows nothing but a tracker downloads a site of 958 files from one real seed: the first page is served
// long before the rest has come, and in the end every file is the original, byte for byte.
func TestFirstPageStreamsAndEveryFileArrivesIntact(t *testing.T) {
	t.Parallel()
	dir := peers.SiteFolder(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	// A quarter of the site has to be enough for the first page, however long it takes.
	seed := peers.StartSeed(t, dir, peers.SeedOptions{
		Trackers: []string{tracker.HTTP}, UploadLimit: 512 << 10, HoldAfter: 7 << 20,
	})
	w := startWtptui(t, "--tracker", tracker.HTTP)

	w.Run(t, "add", "wtp://"+seed.InfoHash)
	site := w.WaitSite(t, waitLong, seed.InfoHash, "to appear", func(peers.Site) error { return nil })
	want, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fetchFile(t, w, waitLong, site.LocalURL, "index.html"); !bytes.Equal(got, want) {
		t.Errorf("first page: %d bytes differ from the %d of the original", len(got), len(want))
	}
	// The seed itself says how much it has given away, in case wtptui's own account is wrong.
	if given := seed.Stats(t); given.Uploaded > given.Size/2 {
		t.Errorf("the first page came when the seed had sent %d of %d bytes", given.Uploaded, given.Size)
	}
	// What ls tells may be a moment older than the page.
	w.WaitSite(t, waitLong, seed.InfoHash, "to be under way", func(s peers.Site) error {
		if s.State != "downloading" || s.Completed <= 0 || s.Completed >= s.Size {
			return fmt.Errorf("%s, %d of %d bytes", s.State, s.Completed, s.Size)
		}
		return nil
	})

	seed.LimitUpload(t, 0)
	checkSameSite(t, w, waitLong, site.LocalURL, dir)
	site = w.WaitSeeding(t, waitLong, seed.InfoHash)
	if given := seed.Stats(t); site.Completed != given.Size || site.Size != given.Size {
		t.Errorf("seeding %d of %d bytes, want %d", site.Completed, site.Size, given.Size)
	}
	tracker.WaitEvent(t, waitLong, seed.InfoHash, peers.Completed, w.PeerPort)
}
