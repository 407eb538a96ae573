// Package question knows what is asked before it is done, and in which words: what cannot be undone, what may be the
// last copy of something, and what is about very many sites. All else is done at once, and can be undone. It must not
// know the window in which a question stands, nor the engine.
//
// Start with ForVerb.
package question
