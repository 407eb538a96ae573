package files

import (
	"net/http"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

// failureOf returns the failure page for an engine's error. NotReady is a failure only for clients that are not shown
// the loading page.
func failureOf(err error) pages.Failure {
	msg := engine.Message(err)
	switch engine.KindOf(err) {
	case engine.Invalid:
		return pages.Failure{Status: http.StatusBadRequest, Title: "Bad request", Text: msg}
	case engine.NotFound:
		return pages.Failure{Status: http.StatusNotFound, Title: "No such site", Text: msg}
	case engine.NotReady:
		return pages.Failure{Status: http.StatusGatewayTimeout, Title: "Not here yet", Text: msg}
	case engine.TooLarge:
		// The limit is a setting of the person.
		return pages.Failure{Status: http.StatusInsufficientStorage, Title: "This site is too large", Text: msg}
	case engine.Refused, engine.Damaged:
		return pages.Failure{Status: http.StatusBadGateway, Title: "This site cannot be trusted", Text: msg}
	case engine.Conflict:
		// A person has to decide something about the site first; until then it is not served.
		return pages.Failure{Status: http.StatusConflict, Title: "This site is not served", Text: msg}
	case engine.Unavailable:
		return pages.Failure{Status: http.StatusServiceUnavailable, Title: "Not available", Text: msg}
	}
	return pages.Failure{
		Status: http.StatusInternalServerError, Title: "Something went wrong",
		Text: "The site could not be read. The log of wtptui says why.",
	}
}

// statusClientGone is recorded if the client has closed the connection before the response. It is never sent.
const statusClientGone = 499
