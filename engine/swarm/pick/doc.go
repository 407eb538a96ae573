// Package pick decides which blocks to request from which peer. It is pure: no goroutines, no clock, no network.
// Events come in with their time; requests and cancels go out.
//
// It knows pieces, blocks, how fast each peer is and what it has, and what is wanted first. It must not know
// connections, disks or hashes.
//
// Start with Picker in picker.go. plan.go is the order in which blocks are requested, urgent.go what comes first,
// retry.go what is requested from two peers, window.go how much from one peer.
package pick
