// Package pick decides which blocks to ask of which peer. It is pure: no goroutines, no clock, no network; what has
// happened comes in with the time it happened at, what to ask and to take back goes out.
//
// It knows pieces, blocks, how fast each peer is and what it has, and what is wanted first. It must not know
// connections, disks or hashes.
//
// Start with Picker in picker.go; plan.go is the order in which blocks are asked for, urgent.go what comes before all
// else, again.go what is asked of two peers, window.go how much of one peer.
package pick
