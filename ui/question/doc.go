// Package question decides what is asked before it is done, and in which words: what cannot be undone, what may delete
// the last copy of something, and what concerns very many sites. All else is done at once, and can be undone. It must
// not know the window in which a question is shown, nor the engine.
//
// Start with ForVerb.
package question
