// Package watch hands snapshots to watchers: latest wins, no event is lost without a trace, and nobody who is slow
// slows the one who publishes. Every engine.Engine serves its Watch from a Hub.
//
// It knows nothing of where snapshots come from. Start with Hub.
package watch
