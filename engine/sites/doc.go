// Package sites is the engine: it keeps sites from the moment they are opened until they are evicted, and joins the
// three things it takes: resolve (which torrent a domain points to), swarm (the torrent) and store (what survives).
//
// It owns the rules of time: a cached site is kept for the cache period after it was last opened, a pinned one for
// ever, an evicted one can be brought back for engine.UndoPeriod. It must not know how a site is shown or served, and
// touches neither network nor files itself, except those of a folder that is published or exported.
//
// A domain is a site that moves: follow.go asks where it points, versions.go takes the site there and back, kept.go ends the
// seeding of former versions. A folder that is published here moves in the same way: publish.go says how it is checked,
// publish_before.go with what it is compared, publish_take.go how it is taken in, publish_commit.go and publish_row.go how
// the new version becomes the site, and publish_versions.go what becomes of the former ones.
//
// Engine in engine.go implements engine.Engine, and the two methods by which the loopback server opens sites. Two
// locks order everything: membership is held while torrents are joined, dropped or deleted, which may take a moment;
// mu guards the maps and is never held over I/O. The loop in loop.go is the only goroutine that lets time pass.
package sites
