// Package ignore parses lists of path patterns in the syntax of gitignore(5): comments, "!" for exceptions, a leading
// or inner slash to anchor at the root, a trailing slash for folders only, "*", "?", "[a-z]", "**" and backslash
// escapes.
//
// It knows patterns and paths and nothing of files. Start with Parse.
package ignore
