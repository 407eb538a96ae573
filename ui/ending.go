package ui

// EndRequest is somebody's wish that this program ends, as `wtptui stop` has it.
type EndRequest struct {
	// Answer takes what the person says to it. It may be called at any time, and does not wait.
	Answer func(end bool)
}
