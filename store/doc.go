// Package store is the database of what must survive a restart, a kill and a power cut: sites and their history,
// published folders, info dictionaries, finished pieces, resolved names and settings. It is one bbolt file.
//
// It knows records and how to keep them undamaged. A write is on the disk when its method returns. Open verifies the
// whole file before any of it is used (verify.go): the structure of its pages (pages.go, which reads the file without
// mapping it, so that no damage can cause a fault), and a digest over all records (digest.go), so that no changed, lost
// or duplicated record goes unnoticed. A damaged file is moved aside, never deleted, and replaced by an empty database
// (renew.go), which the caller rebuilds from the sites' folders. A database of an older schema is copied before it is
// migrated (schema.go).
//
// It must not know what a site does, when one expires or how a torrent works. It imports neither swarm nor resolve,
// though DB implements swarm.Completion and resolve.Cache.
//
// Beside the database at path there are path.lock (one process at a time), path.damaged-<time> (a database that was
// moved aside) and path.schema<N> (the copy made before migrating from schema N). A path.backup is from a release
// before schema 3.
//
// Start with Open in open.go, then txn.go, through which all reads and writes go.
package store
