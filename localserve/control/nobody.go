package control

// NobodyListens reports whether an error of Dial says that no engine runs for this socket, rather than that one cannot
// be talked to.
func NobodyListens(err error) bool { return nobodyListens(err) }
