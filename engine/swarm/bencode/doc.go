// Package bencode reads bencoded values (BEP 3) that strangers wrote, where they lie and as leniently as others do.
//
// It knows the encoding and nothing of what is encoded. It looks up one value at a time: a value of an odd type is only
// odd to who asks for it, keys may come in any order, and integers may be written in any way. So an optional field never
// spoils what stands beside it, and what is required is checked by whoever requires it.
//
// Start with ParseDict and Dict.
package bencode
