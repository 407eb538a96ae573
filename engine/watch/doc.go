// Package watch distributes snapshots to watchers. A watcher that is slow skips snapshots, but not events, and never
// slows the publisher. Every engine.Engine serves its Watch from a Hub.
//
// It knows nothing of where snapshots come from. Start with Hub.
package watch
