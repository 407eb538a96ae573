// Package publish turns a folder into a torrent's info dictionary (BEP 3, v1), after it has checked the folder for
// secrets and mistakes.
//
// The same tree has the same infohash on any machine: files are in byte order of their paths, the piece length follows
// from their total size alone, and nothing else (dates, modes, the program's name) is included. There is no padding
// (BEP 47): see pieceLength in metainfo.go for the reason.
//
// No file outside the folder is read: everything is opened through an os.Root, which follows no link that leads out.
//
// The package knows files, hashes and what should not be published; it must not know swarms, sites or the screen.
// Start with Open, then Folder.Check (check.go), which returns a Plan, and Hash (hash.go), which makes a Metainfo of a
// plan. The kinds of secrets that the check looks for are a table in secrets.go. Previous (reuse.go) avoids hashing
// unchanged files again for the next version of a folder.
package publish
