// Package sites implements the engine: it keeps sites from when they are opened until they are evicted. It joins three
// parts: resolve (which torrent a domain or key points to), swarm (the torrents) and store (what survives a restart).
//
// It owns the rules of time: a cached site is kept for the cache period after it was last opened, a pinned one for
// ever, and what a person evicts or removes stays in the bin for a day. It must not know how a site is shown or served.
// It touches neither network nor files itself, except those of a folder that is published or exported.
//
// One goroutine, the owner (owner.go), owns the state (state.go). Engine in engine.go implements engine.Engine and the
// methods by which the loopback server opens sites. Its methods have the owner run a function (stateaccess.go), which
// never waits, and then wait themselves for what they need. What takes time is a task on another goroutine that reports
// back to the owner: torrents are added, dropped and deleted (torrents.go), statistics are polled (poll.go), changes
// are written (journal.go). So no site waits for another one's disk, and the state needs no lock. What is reported as
// kept is on the disk by then.
//
// Each part of the state has one responsibility. roster.go has the sites (site.go), torrents.go their torrents
// (torrent.go), and membership.go connects the two. follow.go looks up where domains and keys point, republish.go keeps
// the records of keys in the DHT, records.go handles what is new in them, and versions.go moves sites from one version
// to the next. assign.go sets labels and limits.go transfer limits. cache.go removes sites from the cache, bin.go those
// that a person has evicted or removed. scrub.go and scrub_files.go check finished data again. own.go has the folders
// that were published here, install.go makes a published version the one that its site serves. missing.go counts what
// pages lack. homes.go knows which sites are public on a domain of their own, allowlist.go which torrents the homes'
// tracker accepts. snapshot.go, view.go and waitstatus.go present all of it, failure.go what keeps failing, and
// eventlog.go records events.
//
// What is known about sites is stored twice: in the database and in the torrents' own folders (folders.go). rebuild.go
// restores at start what either has lost, and tombstones.go keeps deleted sites from being restored by that.
//
// Publishing a folder happens outside of the owner: see publish.go, publish_before.go for what the folder is compared
// with, publish_copy.go for copying it, and publish_commit.go for making it a site. publish_key.go finds the key that
// it is published with, and sign.go signs its record.
package sites
