// Package store keeps what must survive a restart, a kill and a power cut: sites and their history, published
// folders, info dictionaries, finished pieces, resolved names and settings, in one bbolt database.
//
// It knows records and how to keep them whole. A write has reached the disk when its method returns. Open verifies
// the whole file before any of it is used (verify.go): the structure of its pages (pages.go, which reads the file
// without mapping it, so that no damage can fault), and a digest over all records (digest.go), so that nothing
// altered, lost or doubled goes unnoticed. A damaged file is moved aside, never deleted, and an empty database takes
// its place (renew.go): the sites' folders say what belongs into it. A database of an older schema is copied before
// it is migrated (schema.go).
//
// It must not know what a site does, when one expires or how a torrent works; and it imports neither swarm nor
// resolve, though DB implements swarm.Completion and resolve.Cache.
//
// Beside the database at path it keeps path.lock (one process at a time), path.damaged-<time> (what was moved aside)
// and path.schema<N> (the copy made before migrating from schema N). A path.backup is of a release before schema 3.
//
// Start with Open in open.go, then txn.go, through which all reads and writes go.
package store
