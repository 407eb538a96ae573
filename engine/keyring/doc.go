// Package keyring keeps the secret keys with which sites are published, one file each: the seed as 64 hex digits, as
// pkarr's own tools write it, readable for its owner alone.
//
// The files are all there is: whoever signs reads them when it does. It must not know what is signed. Start with Ring.
package keyring
