// Package companion is what browsers know of wtptui: an extension for Chromium and Firefox, which is in the program as
// files, and the native host that the browser starts for it, between the extension's messages and an engine.
//
// It knows which questions the extension may ask, and which facts of a site it is told. It must not give it anything
// else: what the extension can do, whoever takes it over can do, so Engine here is the part of the contract that reads,
// pins, unpins, touches and keeps open. It never adds a site: the extension sends the browser to an address, and the
// server that answers there decides, as for any other link, whether a person has to be asked first.
//
// Start with Host in host.go. The extension is in extension/, where background.js is the start.
package companion
