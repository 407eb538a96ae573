// Package pinlist pins the sites of a text list, and follows the list: a site that is added to it is pinned, and one
// that leaves it is unpinned if it was the list that had pinned it. A list is a file, or a file of a wtp site, so
// that a group mirrors a set of sites through the swarm itself.
//
// It knows lists, and an engine as something that adds, pins and unpins. It must not know how sites are kept.
//
// A command line that ends can follow nothing, so the process of the engine does (Follower in follower.go). The two
// meet in a folder below the data folder (folder.go): an Order says what to follow and is written by the command line
// only, a State says how far that is and is written by the follower only. Both survive everything that the folder
// does.
//
// A list that seems to have lost its sites by accident unpins nothing until a person accepts it (hold.go).
//
// Start with Parse in parse.go, then Follower.
package pinlist
