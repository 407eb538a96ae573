// Package enginetest is the one suite that every engine.Engine passes: the real one, the one in another process, and
// the scripted one. What it does not ask for is not part of the contract.
//
// Receive and AwaitClose are how all tests of this module wait for a channel.
package enginetest
