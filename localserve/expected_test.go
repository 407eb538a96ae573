package localserve

// Expected values; those of the server are in package files.
const (
	octets    = "application/octet-stream"
	htmlType  = "text/html"
	utf8HTML  = "text/html; charset=utf-8"
	textType  = "text/plain"
	plainText = "text/plain; charset=utf-8"

	sniffLen    = 64 << 10 // how many bytes decide a type
	maxPage     = 2 << 20  // the longest page whose addresses are rewritten
	maxHeld     = 24 << 10 // how much goes out in one piece with its header
	maxWhole    = maxHeld - 4<<10
	minSection  = 64 << 10 // from how many bytes on the system sends a file
	sendPortion = 1 << 20  // how much of it at once

	pageMark   = "-p4" // in the ETag of a page
	statusGone = 499   // recorded when nobody waits for the answer any more
)
