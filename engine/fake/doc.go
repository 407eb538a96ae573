// Package fake is an engine.Engine that simulates scripted sites: they are resolved, fetched, seeded, and expire, with
// peers and rates that look real, and without a network. Tests of the screen, screenshots and the demo run on it.
//
// It knows the contract and keeps its rules (addresses, verbs, kinds of errors, undo, expiry). It must not know the
// network, the disk or the wall clock: its own clock stands still until Step moves it, and the same seed leads to the
// same states.
//
// Start with New in fake.go and with world in world.go, which is the state of everything. What happens to a site as
// time passes is in life.go, how a script becomes a site in script.go; the sites of the demo are in demo.go and
// crowd.go, and what a folder's name makes of its publication is in publish.go and folder.go.
package fake
