package sites

import (
	"context"
	"log/slog"
	"time"

	"wtptui/engine"
	"wtptui/engine/keyring"
	"wtptui/engine/resolve"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// Swarm is what this package needs from the torrent client; *swarm.Client implements it.
type Swarm interface {
	Add(swarm.Spec) (swarm.Torrent, error)
	Intake() (swarm.Intake, error)
	Probe(ctx context.Context, infohash string, web bool) engine.ReachWay
	Delete(infohash string) error
	ReadFolders() ([]swarm.Folder, error)
	WriteFolders(folders []swarm.Folder) error
	DeleteFolder(name string) error
	Identity() string
	SetLimits(engine.Limits)
	Status() swarm.Status
	Trackers() []engine.Tracker
}

// Resolver is what this package needs from name resolution; *resolve.Resolver implements it.
type Resolver interface {
	Resolve(ctx context.Context, host string) (resolve.Answer, error)
	// ResolveUncached is like Resolve, but queries all servers now.
	ResolveUncached(ctx context.Context, host string) (resolve.Answer, error)
	// Republish, CheckSigner, Sign and AcceptKey handle records of keys: see resolve.Resolver.
	Republish(ctx context.Context, host string) (resolve.Answer, error)
	CheckSigner(ctx context.Context, key engine.PublicKey, takeOver bool) error
	Sign(ctx context.Context, s resolve.Signing) (resolve.Answer, error)
	AcceptKey(host, key string) error
	// Servers returns the servers and how the last query of each went.
	Servers() []engine.Resolver
}

// Records stores the newest known records of keys; *store.DB implements it. They are written into the data folders and
// restored from there, because without them a site could be led back to an old version.
type Records interface {
	// Record returns a key's newest item in the encoding of pkarr.Item.Bytes, nil if none is known, and whether it was
	// signed here.
	Record(key string) (item []byte, own bool, err error)
	PutRecord(key string, item []byte, own bool) error
}

// Clock is the source of time.
type Clock interface {
	Now() time.Time
	// Ticks returns a channel that receives the time every d, until stop is called.
	Ticks(d time.Duration) (ticks <-chan time.Time, stop func())
}

// Config configures an Engine. The caller must close Store, Swarm and Resolver, after Engine.Close.
type Config struct {
	Store    *store.DB
	Swarm    Swarm
	Resolver Resolver
	// Keys are the keys with which sites are published; nil for none.
	Keys *keyring.Ring
	// Records are the records of keys; nil for none.
	Records Records
	// Clock is the system's clock if nil.
	Clock Clock
	// LocalRoot is the loopback server's root, "http://localhost:7780/"; empty when nothing is served.
	LocalRoot string
	// CacheTTL is how long a site that is not pinned is kept after it was last opened.
	CacheTTL time.Duration
	// CacheSize is how many bytes all sites that are neither pinned, own nor allowed may take together; 0 means no
	// limit. It also limits the size of each of them.
	CacheSize int64
	// Bin is how long a site that a person evicts or removes can be brought back. With 0 a removed site is deleted at
	// once, and an evicted one after engine.UndoPeriod. The bin holds no more than CacheSize.
	Bin time.Duration
	// MaxSiteSize is the size of the largest site, in bytes, that is fetched without asking; 0 means no limit but
	// CacheSize.
	MaxSiteSize int64
	// KeepFor is how long former versions of a published site are kept and seeded, and KeepVersions how many of them at
	// most; 0 means 30 days, and 10.
	KeepFor      time.Duration
	KeepVersions int
	// Enough is how many others must seed a complete site for it to rest, unless the site has a number of its own; 0
	// means that sites never rest.
	Enough int
	// Goals are when a complete site has been seeded for long enough: those of all sites and those of labels. A site
	// that has reached one rests while at least one other seeds it.
	Goals []engine.Goals
	// Schedules change the limits over all sites at certain hours, in the time zone Location; UTC if that is nil.
	Schedules engine.Schedules
	Location  *time.Location
	// ScrubEvery is how often finished data is read again and compared with its hashes; 0 means never.
	ScrubEvery time.Duration
	// ScrubWait returns in a few words why that has to wait ("the machine runs on battery"), or "". It may be nil. It
	// may block.
	ScrubWait func() string
	// Unclean reports whether the last run ended without Close. Data on disk is then hashed before it is trusted.
	Unclean bool
	Version string
	DataDir string
	// Warnings are conditions found at start; Status shows them with the swarm's own.
	Warnings []string
	// Limits are the transfer limits of this run, where they are not 0; otherwise the last limits of SetLimits hold.
	Limits engine.Limits
	// LabelLimits are the same for labels.
	LabelLimits []engine.Limits
	// Homes are the domains on which sites are served to any browser, in any order, each with Name, URL and Host. Those
	// sites are added and pinned, unless a person has taken them off.
	Homes []engine.Home
	// HomeTracker returns the current tracker of these homes. It is called from New on and from any goroutine, and must
	// not block. Nil means that there is no tracker.
	HomeTracker func() engine.HomeTracker
	Logger      *slog.Logger

	// spread returns a random time less than most; the package's own tests replace it.
	spread func(most time.Duration) time.Duration
}

// homeTracker returns the current tracker of the homes.
func (c *Config) homeTracker() engine.HomeTracker {
	var t engine.HomeTracker
	if c.HomeTracker != nil {
		t = c.HomeTracker()
	}
	t.URLs = append([]string{}, t.URLs...) // The caller may change its copy.
	return t
}

type systemClock struct{}

// Now strips the monotonic clock reading, which stands still while the machine sleeps, so that what became due
// meanwhile is due.
func (systemClock) Now() time.Time { return time.Now().Round(0) }

func (systemClock) Ticks(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(d)
	return t.C, t.Stop
}
