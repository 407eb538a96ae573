package engine

import "context"

// Engine keeps sites: it opens, caches, seeds, pins and evicts them, and publishes snapshots of its state.
//
// All methods may be called from many goroutines. They return *Error values, whose Kind says what went wrong and whose
// message says what to do. A host is always a Site's Ref: its Host, as in an Address, and in a fleet its machine as
// well. What is about no site, but about one machine of a fleet, has its name in a field Machine.
type Engine interface {
	// Watch returns a channel of snapshots. The first one is the state of now; others follow when something has changed,
	// at most four a second, but at once for an event. The channel holds the newest snapshot only: a slow watcher skips
	// snapshots, never slows the engine, and receives the events of those that it skipped with the next one. The channel
	// is closed when ctx ends or the engine closes.
	Watch(ctx context.Context) (<-chan Snapshot, error)

	// Detail returns everything that is known about one site, now. Kind NotFound if there is no such site.
	Detail(ctx context.Context, host string) (Detail, error)

	// Add opens a site: it is there when Add returns, and found, fetched and seeded in the background. Adding a site
	// that is already there opens it again (its thirty minutes start over). One that lies in the bin comes back with
	// its data; one that was removed is not pinned then, unless it was published here, nor paused.
	Add(ctx context.Context, req AddRequest) (Site, error)

	// Do applies one verb to sites in one transaction, which is on the disk when Do returns and is seen in one snapshot.
	// If the verb is refused for some of the hosts, it is applied to the others: see Failures. If ctx ends early, the verb
	// has been applied to all of them or to none. Without hosts Do does nothing.
	Do(ctx context.Context, verb Verb, hosts ...string) error

	// Bin returns the sites that were evicted or removed and that Undo can bring back, the latest first.
	Bin(ctx context.Context) ([]Binned, error)

	// KeepOpen keeps sites open until ctx ends, as a request that is being answered does: they do not expire meanwhile,
	// and their cache period starts over then. Hosts that are not here, or only found, are ignored. It returns nil
	// when ctx ends, and Kind Unavailable if the engine closes before that.
	KeepOpen(ctx context.Context, hosts ...string) error

	// Assign changes the labels of sites, and how many other seeds are enough for them, in one transaction, as Do does:
	// also with Failures. Kind Invalid if the assignment is wrong, or a site would have too many labels.
	Assign(ctx context.Context, a Assignment, hosts ...string) error

	// SetLimits changes the transfer limits at once and for later runs: those over all sites, or those of limits.Label,
	// which are removed if both are 0. A limit over all sites that differs from the one in force overrides the present
	// schedule until the next one begins; one that does not differ leaves the schedule and the usual limits as they are.
	SetLimits(ctx context.Context, limits Limits) error

	// SetHome takes the site of a home off it, or puts it back. name is the Ref of the Home. The change is on the disk
	// when SetHome returns, and kept for later runs; doing it again changes nothing. A site that is put back is added, or
	// brought back from the bin, and pinned. Removing or evicting a site takes it off its homes. Kind NotFound if there is
	// no such home.
	SetHome(ctx context.Context, name string, on bool) error

	// Switch points a site to one of its versions and holds it there, whatever its domain says from then on. An empty
	// infohash lets it follow its domain again. Kind NotFound if it has no such version.
	Switch(ctx context.Context, host, infohash string) error

	// Resolve looks up what a domain or a key points to, now, and returns all that is known of it. A failed look-up is not
	// an error of Resolve: see Name.Error. Kind Invalid if host is neither a domain nor a key.
	Resolve(ctx context.Context, host string) (Name, error)

	// Keys returns the keys of the engine's machine, sorted by name.
	Keys(ctx context.Context) ([]Key, error)

	// Publish makes a folder of the engine's machine a site, or a new version of the site that it already is.
	// progress may be nil; it is called from one goroutine at a time, at most ten times a second. Ending ctx before
	// Publish returns leaves everything as it was. Kind Refused, with a Publication that holds the findings, if the
	// check does not let it pass.
	Publish(ctx context.Context, req PublishRequest, progress func(PublishProgress)) (Publication, error)

	// Probe fetches the site as a visitor would, over TCP and over WebRTC, and reports which of them work.
	Probe(ctx context.Context, host string) (Reach, error)

	// Export writes the site's verified files into a folder. Kind NotReady if the site is not complete, Conflict if there
	// is something in the folder. Kind Refused, before anything is written, if the name of a file is impossible or
	// deceptive on a disk (see UnsafeNameReason), or if there are dotfiles that the request does not want.
	Export(ctx context.Context, host string, req ExportRequest) error

	// Metainfo returns the content of the site's .torrent file (BEP 3). Kind NotReady while its list of files is unknown.
	Metainfo(ctx context.Context, host string) ([]byte, error)
}

// AddRequest says which site to open, and how.
type AddRequest struct {
	// Address is what a person typed or pasted: anything that ParseAddress takes except the path of a .torrent
	// file, whose content is given in Metainfo instead (see NewAddRequest).
	Address string `json:"address"`
	// Metainfo is the content of a .torrent file (BEP 3), at most MaxMetainfoSize bytes; Address is then ignored.
	Metainfo []byte `json:"metainfo,omitempty"`
	// Pin pins the site in the same step. A site that is already pinned stays so.
	Pin bool `json:"pin"`
	// Machine is the machine of a fleet that is to open the site; other engines ignore it.
	Machine string `json:"machine,omitempty"`
}
