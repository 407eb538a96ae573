// Package publish turns a folder into a torrent's info dictionary (BEP 3, v1). The same tree gives the same infohash on
// any machine: files are taken in byte order of their paths, and nothing else (dates, modes, the program's name) goes
// in.
//
// It knows files and hashes; it must not know swarms, sites or the screen. Start with Build.
package publish
