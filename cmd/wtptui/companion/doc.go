// Package companion is the part of wtptui that browsers know: an extension for Chromium and Firefox, embedded as files,
// and the native host that the browser starts for it, which connects the extension's messages to an engine.
//
// It knows what the extension may request, and which facts of a site it receives. It must not give it anything else:
// whoever takes over the extension can do what the extension can do, so Engine here is only the part of the contract
// that reads, pins, unpins, touches and keeps open. It never adds a site: the extension sends the browser to an
// address, and the server that answers there decides, as for any other link, whether a person has to be asked first.
//
// Start with Host in host.go. The extension is in extension/, where background.js is the entry point.
package companion
