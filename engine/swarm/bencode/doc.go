// Package bencode reads untrusted bencoded values (BEP 3) in place, as leniently as other programs do.
//
// It knows the encoding and nothing of what is encoded. It looks up one value at a time: a value of the wrong type
// only matters to whoever reads it, keys may come in any order, and integers in any form. So a malformed optional
// field never invalidates the others, and required fields are checked by the caller.
//
// Start with ParseDict and Dict.
package bencode
