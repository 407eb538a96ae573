package sites

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"wtptui/engine"
	"wtptui/engine/publish"
)

// claimedSizeFS is a folder whose files claim to have this size.
type claimedSizeFS struct {
	fs.FS

	size int64
}

type claimedSizeInfo struct {
	fs.FileInfo

	size int64
}

func (i claimedSizeInfo) Size() int64 { return i.size }

func (c claimedSizeFS) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(c.FS, name)
	return claimedSizeInfo{info, c.size}, err
}

// A publication says what visitors will have to allow before anything is copied, whatever this machine would accept
// itself.
func TestPublishSaysWhatVisitorsHaveToAllow(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.MaxSiteSize, c.CacheSize = 0, 0 })
	for size, want := range map[int64]string{
		DefaultSiteSize:      "",
		DefaultSiteSize + 1:  "more than the 2.0 GB that visitors",
		DefaultCacheSize + 1: "more than the 5.0 GB of their whole cache",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		said, copied := "", false
		folder := publish.OpenEmbedded(claimedSizeFS{fstest.MapFS{"index.html": {}}, size}, "site")
		job := &publishJob{p: b.publisher, folder: folder}
		job.meter = publish.NewMeter(func(p engine.PublishProgress) {
			for _, f := range p.Findings {
				if f.Code == engine.FindingLargeSite {
					said = f.Why
				}
			}
			copied = copied || p.Stage != engine.PublishCheck
			if p.Findings != nil {
				cancel()
			}
		})
		if _, err := b.publisher.publish(ctx, job); engine.KindOf(err) != engine.Unavailable {
			t.Errorf("it was stopped: %v", err)
		}
		if copied || (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("%d bytes: %q, copied: %v", size, said, copied)
		}
		cancel()
	}
}
