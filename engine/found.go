package engine

// FoundAwaiting is what a found site waits for, as its Site.Awaiting.
const FoundAwaiting = "found in the data folder: resume, pin or remove it"

// FoundSiteError returns the error for what cannot be done to a found site: evict it, announce it, or serve its pages.
// Its Kind is Conflict.
func FoundSiteError(op, host string) *Error {
	return &Error{Op: op, Host: host, Kind: Conflict, Msg: "it was " + FoundAwaiting}
}
