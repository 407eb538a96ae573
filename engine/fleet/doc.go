// Package fleet shows the engines of several machines as one engine.Engine: one list of sites, each with its machine.
//
// It knows values and other engines, and nothing of how those are reached: each goes on by itself, and one that is
// away keeps what it said last and disturbs no other. Start with New; merge.go makes one snapshot of several, route.go
// finds the machine of a Ref.
package fleet
