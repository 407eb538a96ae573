package engine

// FoundAwaiting is the Site.Awaiting of a found site.
const FoundAwaiting = "found in the data folder: resume, pin or remove it"

// FoundSiteError returns the error for an operation that a found site does not allow: evicting it, announcing it, or
// serving its pages. Its Kind is Conflict.
func FoundSiteError(op, host string) *Error {
	return &Error{Op: op, Host: host, Kind: Conflict, Msg: "it was " + FoundAwaiting}
}
