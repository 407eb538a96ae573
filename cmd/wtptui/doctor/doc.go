// Package doctor looks at everything that wtptui needs of this machine and its network, and says of each thing whether
// it works and what to do if it does not: the data folder, the database, ports, routers, trackers, resolvers, STUN
// servers, the names below localhost, the clock, the handler of links, the browsers' extension, the keys of this
// machine and what they sign.
//
// It asks the running engine for what only that knows, and looks for itself at the rest; without an engine it looks at
// what one would find. It must not change anything, and knows no site but those under keys. All probes run side by
// side, each bounded by probeTime.
//
// Start with Run in doctor.go, which has the table of all checks; follows.go tells a cause from what follows from it.
package doctor
