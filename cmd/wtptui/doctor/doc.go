// Package doctor checks everything that wtptui needs of this machine and its network, and says of each thing whether it
// works and what to do if it does not: the data folder, the database, ports, routers, trackers, resolvers, STUN
// servers, the names below localhost, the clock, the handler of links, the browsers' extension, the keys of this
// machine and what they sign.
//
// It asks the running engine for what only that knows, and checks everything else itself. Without an engine it checks
// what one would find. It must not change anything, and knows no sites but those under keys. All probes run
// concurrently, each bounded by probeTime.
//
// Start with Run in doctor.go, which has the table of all checks; follows.go separates a cause from what follows from
// it.
package doctor
