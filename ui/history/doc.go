// Package history records the transfer rates of the last minute, once a second, of the engine as a whole and of each
// site that transfers something. It must not know how they are drawn. Start with Rates.
package history
