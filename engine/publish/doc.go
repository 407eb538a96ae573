// Package publish turns a folder into a torrent's info dictionary (BEP 3, v1), after it has been checked for what its
// owner should know before others do.
//
// The same tree gives the same infohash on any machine: files are taken in byte order of their paths, the piece length
// follows from their size alone, and nothing else (dates, modes, the program's name) goes in. There is no padding (BEP
// 47): see pieceLength in metainfo.go for why.
//
// Nothing outside the folder gets in: everything is opened through an os.Root, which follows no link that leads out.
//
// It knows files, hashes and what should not be published; it must not know swarms, sites or the screen. Start with
// Open, then Folder.Check (check.go), which gives a Plan, and Hash (hash.go), which makes a Metainfo of a plan.
// The kinds of secrets that the check looks for are a table in secrets.go. Previous (reuse.go) is what makes the next
// version of a folder cheap.
package publish
