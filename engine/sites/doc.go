// Package sites is the engine: it keeps sites from the moment they are opened until they are evicted, and joins the
// three things it takes: resolve (which torrent a domain points to), swarm (the torrent) and store (what survives).
//
// It owns the rules of time: a cached site is kept for the cache period after it was last opened, a pinned one for
// ever, and what a person sends away lies in the bin for a day. It must not know how a site is shown or served, and
// touches neither network nor files itself, except those of a folder that is published or exported.
//
// One goroutine, the owner (owner.go), has the state (state.go). Engine in engine.go implements engine.Engine and the
// methods by which the loopback server opens sites; its methods ask the owner to run a function, which never waits,
// and wait themselves for what they need. What takes time is a task beside the owner that reports back: torrents are
// added, dropped and deleted (membership.go), numbers are asked for (poll.go), changes are written (journal.go). So
// no site waits for another one's disk, and nothing is locked. What is told as kept is on the disk by then.
//
// The state has one part for each matter: roster.go has the sites (site.go) and membership.go their torrents
// (torrent.go); follow.go asks where domains and keys point, republish.go keeps the records of keys alive, records.go
// says what is new in them, and versions.go takes sites from one version to the next; assign.go labels sites and
// limits.go has the rates; cache.go lets go of sites, bin.go of those that were sent away; scrub.go and scrub_files.go
// read again what is finished; own.go knows the folders that were published here, install.go makes what was published
// a site's version; missing.go counts what pages lack; homes.go knows which sites are public on a domain of their
// own, and allowlist.go which torrents their tracker is for; snapshot.go, view.go and awaited.go show all of it,
// failure.go what goes on failing, and eventlog.go tells what happens.
//
// What is known of sites is in the database and, once more, in the torrents' own folders (folders.go): rebuild.go
// makes up at start for what either has lost, and graves.go keeps what a person sent away from coming back by that.
//
// A folder becomes a site outside of that: publish.go says how, publish_before.go with what the folder is compared,
// publish_copy.go how it is taken in, and publish_commit.go how it becomes the site. publish_key.go says with which
// key it is published, and sign.go signs its record.
package sites
