package control

// NobodyListens reports whether an error of Dial means that no engine is running for this socket, rather than that one
// does not respond.
func NobodyListens(err error) bool { return nobodyListens(err) }
