// Package history remembers the transfer rates of the last minute, once a second, for the engine as a whole and for
// each site that moves. It must not know how they are drawn. Start with Rates.
package history
