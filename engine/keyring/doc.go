// Package keyring stores the secret keys with which sites are published, one file each: the seed as 64 hex digits, in
// the format of pkarr's own tools, readable by its owner alone.
//
// The files are the only state: they are read whenever something is signed. The package must not know what is signed.
// Start with Ring.
package keyring
