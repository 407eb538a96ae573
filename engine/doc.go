// Package engine is the contract between the parts of wtptui: what a site is, what an engine that keeps sites can be
// asked for, and what it reports. It depends on nothing but the standard library (and IDNA), and everything else
// depends on it.
//
// It knows values: Address (what a person types), Snapshot and Site (what the dashboard shows), Detail (one site in
// full), Event (what happened), Error (what went wrong and what to do), Content (a site's files, as they are served).
// It must not know how an engine works: no torrents, no database, no HTTP, no screen.
//
// Start with Engine in engine.go. Its implementations are engine/sites (the real one), localserve/control (the same,
// in another process), engine/fleet (several of them as one) and engine/fake (a script); engine/enginetest holds the
// suite that all of them pass.
package engine
