package engine

import "context"

// Engine keeps sites: it opens them, caches and seeds them, pins and evicts them, and tells what it does.
//
// All methods may be called from many goroutines. They return *Error values, whose Kind says what went wrong and whose
// message says what to do. A host is always a Site's Ref: its Host, as Address gives it, and in a fleet its machine as
// well. What is about no site, but about one machine of a fleet, has its name in a field Machine.
type Engine interface {
	// Watch returns a channel that first gives the full state and then, whenever something has changed, the full
	// state again: at most four times a second, at once for a notable event. It holds the newest snapshot only; a
	// watcher that is slow skips states but never slows the engine, and finds the events of all of them in the next
	// one. The channel is closed when ctx ends or the engine closes.
	Watch(ctx context.Context) (<-chan Snapshot, error)

	// Detail gives everything that is known about one site, now. Kind NotFound if there is no such site.
	Detail(ctx context.Context, host string) (Detail, error)

	// Add opens a site: it is there when Add returns, and found, fetched and seeded in the background. Adding a site
	// that is already there opens it again (its thirty minutes start over). One that lies in the bin comes back with
	// its data; one that was removed is not pinned then, unless it was published here, nor paused.
	Add(ctx context.Context, req AddRequest) (Site, error)

	// Do applies one verb to sites, in one step: it is written down when Do returns, and one snapshot shows it. A
	// host that it cannot be done to does not keep it from the others: see Failures. Of a Do whose ctx ends early it
	// is not known whether it was done; it was for all of them, or for none. Without hosts it does nothing.
	Do(ctx context.Context, verb Verb, hosts ...string) error

	// Bin gives the sites that a person has evicted or removed and can have back with Undo, those that were sent away
	// last first.
	Bin(ctx context.Context) ([]Binned, error)

	// KeepOpen keeps sites open until ctx ends, as a request that is being answered does: they do not expire meanwhile,
	// and their cache period starts over then. Hosts that are not here, or only found, are passed over. It returns nil
	// when ctx ends, and Kind Unavailable if the engine closes before that.
	KeepOpen(ctx context.Context, hosts ...string) error

	// Assign labels sites, and says how many other seeds are enough for them, in one step, as Do does a verb: also with
	// Failures. Kind Invalid if the assignment is wrong, or a site would have too many labels.
	Assign(ctx context.Context, a Assignment, hosts ...string) error

	// SetLimits changes the transfer limits at once and for later runs: those over all sites, or those of limits.Label,
	// which has none any more if both are 0. A schedule that has changed a limit over all sites does so no more, until the
	// next one begins, if that limit is to be another one now; otherwise it goes on, and what is usual stays.
	SetLimits(ctx context.Context, limits Limits) error

	// SetHome takes the site off its home, or puts it back: see Home, whose Ref name is. It is written down when SetHome
	// returns, and kept for later runs; doing it again changes nothing. A site that is put back is added, or brought back
	// from the bin, and pinned. Removing or evicting a site takes it off its homes. Kind NotFound if there is no such
	// home.
	SetHome(ctx context.Context, name string, on bool) error

	// Switch points a site to one of its versions and holds it there, whatever its domain says from then on. An empty
	// infohash lets it follow its domain again. Kind NotFound if it has no such version.
	Switch(ctx context.Context, host, infohash string) error

	// Resolve asks what a domain or a key points to, now, and gives all that is known of it. That nothing says so is no
	// error: see Name.Error. Kind Invalid if it is neither.
	Resolve(ctx context.Context, host string) (Name, error)

	// Keys returns the keys of the engine's machine, sorted by name.
	Keys(ctx context.Context) ([]Key, error)

	// Publish makes a folder of the engine's machine a site, or a new version of the site that it already is.
	// progress may be nil; it is called from one goroutine at a time, at most ten times a second. Ending ctx before
	// Publish returns leaves everything as it was. Kind Refused, with a Publication that holds the findings, if the
	// check does not let it pass.
	Publish(ctx context.Context, req PublishRequest, progress func(PublishProgress)) (Publication, error)

	// Probe fetches the site as a stranger would, over each way of its own, and says which ones work.
	Probe(ctx context.Context, host string) (Reach, error)

	// Export writes the site's verified files into a folder. Kind NotReady if the site is not complete, Conflict if there
	// is something in the folder. Kind Refused, before anything is written, if the name of a file is none that a folder
	// can hold or that should be in one (see RefuseName), or if there are dotfiles that the request does not want.
	Export(ctx context.Context, host string, req ExportRequest) error

	// Metainfo gives the content of the site's .torrent file (BEP 3). Kind NotReady while its list of files is unknown.
	Metainfo(ctx context.Context, host string) ([]byte, error)
}

// AddRequest says which site to open, and how.
type AddRequest struct {
	// Address is what a person typed or pasted: anything that ParseAddress takes except the path of a .torrent
	// file, whose content is given in Metainfo instead (see LoadTorrent).
	Address string `json:"address"`
	// Metainfo is the content of a .torrent file (BEP 3), at most MaxMetainfo bytes; Address is then ignored.
	Metainfo []byte `json:"metainfo,omitempty"`
	// Pin pins the site in the same step. A site that is already pinned stays so.
	Pin bool `json:"pin"`
	// Machine is the machine of a fleet that is to open the site; every other engine passes over it.
	Machine string `json:"machine,omitempty"`
}
