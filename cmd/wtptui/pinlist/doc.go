// Package pinlist pins the sites of a text list, and follows the list: a site that is added to it is pinned, and one
// that is removed from it is unpinned if the list had pinned it. A list is a file, or a file of a wtp site, so that a
// group mirrors a set of sites through the swarm itself.
//
// It knows lists, and an engine as something that adds, pins and unpins. It must not know how sites are kept, nor who
// counts copies.
//
// A command that exits cannot follow anything, so the process of the engine does (Follower in follower.go). The two
// communicate through a folder below the data folder (folder.go): an Order says what to follow and is written by the
// command line only; a State says how far it has been carried out and is written by the follower only. Both are as
// durable as the folder.
//
// A list that seems to have lost its sites by accident unpins nothing until a person accepts it (hold.go).
//
// A list may be shared among its followers (share.go): each keeps some of its sites, chosen by a Policy (policy.go)
// from the numbers of copies that a Counter has found (counting.go). The policy is pure, and a simulation tests it with
// a hundred followers.
//
// Start with Parse in parse.go, then Follower.
package pinlist
