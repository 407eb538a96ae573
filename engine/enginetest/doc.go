// Package enginetest is the one suite that every engine.Engine passes: the real one, the one in another process, and
// the scripted one. What it does not ask for is not part of the contract.
package enginetest
