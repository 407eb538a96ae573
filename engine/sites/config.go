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

// Swarm is what sites needs of the torrent client; *swarm.Client is one.
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

// Resolver is what sites needs of the name resolution; *resolve.Resolver is one.
type Resolver interface {
	Resolve(ctx context.Context, host string) (resolve.Answer, error)
	// Ask is Resolve by asking all servers, now.
	Ask(ctx context.Context, host string) (resolve.Answer, error)
	// Keep, CheckSigner, Sign and AcceptKey are about records of keys: see resolve.Resolver.
	Keep(ctx context.Context, host string) (resolve.Answer, error)
	CheckSigner(ctx context.Context, key engine.PublicKey, takeOver bool) error
	Sign(ctx context.Context, s resolve.Signing) (resolve.Answer, error)
	AcceptKey(host, key string) error
	// Servers tells how each server did last.
	Servers() []engine.Resolver
}

// Records are the newest records of keys that are known; *store.DB has them. They are here to be written into the data
// folders, and to come back from there: who forgets them could be led back to an old version.
type Records interface {
	// Record returns a key's newest item as pkarr.Item.Bytes has it, nil if none is known, and whether it was signed here.
	Record(key string) (item []byte, own bool, err error)
	PutRecord(key string, item []byte, own bool) error
}

// Clock is the time that sites lives by.
type Clock interface {
	Now() time.Time
	// Ticks gives a channel that gets the time every d, until stop is called.
	Ticks(d time.Duration) (ticks <-chan time.Time, stop func())
}

// Config says what an Engine works with. Store, Swarm and Resolver are the caller's to close, after Engine.Close.
type Config struct {
	Store    *store.DB
	Swarm    Swarm
	Resolver Resolver
	// Keys are those with which sites are published; nil for none.
	Keys *keyring.Ring
	// Records are those of keys; nil for none.
	Records Records
	// Clock is the system's when nil.
	Clock Clock
	// LocalRoot is the loopback server's root, "http://localhost:7780/"; empty when nothing is served.
	LocalRoot string
	// CacheTTL is how long a site that is not pinned is kept after it was last opened.
	CacheTTL time.Duration
	// CacheSize is how many bytes all sites that are neither pinned, own nor allowed may take together; 0 means no
	// limit. None of them is larger.
	CacheSize int64
	// Bin is how long what a person evicts or removes can be brought back. With 0 what is removed is deleted at once,
	// and what is evicted after engine.UndoPeriod. No more than CacheSize lies in the bin.
	Bin time.Duration
	// MaxSiteSize is the largest site, in bytes, that is fetched without asking; 0 means no limit but CacheSize.
	MaxSiteSize int64
	// KeepFor is how long the versions of a published site are kept and seeded after newer ones have taken their
	// place, and KeepVersions how many of them at most; 0 means 30 days, and 10.
	KeepFor      time.Duration
	KeepVersions int
	// Enough is how many others must seed a complete site for it to rest, where it does not say so itself; 0 means that
	// it never does.
	Enough int
	// Goals say when a complete site has been seeded for long enough: those of all sites, and those of labels. A site
	// that has reached one rests while at least one other seeds it.
	Goals []engine.Goals
	// Schedules change the limits over all sites at some hours, by the clock of Location; UTC when that is nil.
	Schedules engine.Schedules
	Location  *time.Location
	// ScrubEvery is how often finished data is read again and compared with its hashes; 0 means never.
	ScrubEvery time.Duration
	// ScrubWait says in a few words why that has to wait ("the machine runs on battery"); empty, or nil, if nothing
	// is in the way. It may take its time.
	ScrubWait func() string
	// Unclean says that the last run ended without Close: data on disk is hashed before it is trusted.
	Unclean bool
	Version string
	DataDir string
	// Warnings are conditions found while starting; Status shows them with the swarm's own.
	Warnings []string
	// Limits are the transfer limits of this run, as far as they are not 0; otherwise what SetLimits was told last.
	Limits engine.Limits
	// LabelLimits are the same of labels.
	LabelLimits []engine.Limits
	// Homes are the domains on which sites are served to any browser, in any order: of each Name, URL and Host. Those
	// sites are added and pinned, unless a person has taken them off.
	Homes []engine.Home
	// HomeTracker returns the tracker of these homes as it is now, from New on and from any goroutine. Nil means that
	// there is none. It must not wait.
	HomeTracker func() engine.HomeTracker
	Logger      *slog.Logger

	// spread returns a random time that is less than most; the package's own tests choose it.
	spread func(most time.Duration) time.Duration
}

// homeTracker returns the tracker of the homes as it is now.
func (c *Config) homeTracker() engine.HomeTracker {
	var t engine.HomeTracker
	if c.HomeTracker != nil {
		t = c.HomeTracker()
	}
	t.URLs = append([]string{}, t.URLs...) // Who asked may change its own.
	return t
}

type systemClock struct{}

// Now has no reading of the monotonic clock, which stands still while the machine sleeps: what is due by then is due.
func (systemClock) Now() time.Time { return time.Now().Round(0) }

func (systemClock) Ticks(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(d)
	return t.C, t.Stop
}
