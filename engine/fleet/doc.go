// Package fleet shows the engines of several machines as one engine.Engine: one list of sites, each with its machine.
//
// It knows values and other engines, and nothing of how those are reached: each works on its own. Of one that is away
// the last snapshot is shown, and no other is affected. Start with New; merge.go makes one snapshot of several,
// route.go finds the machine of a Ref.
package fleet
