// Package filter parses and matches the small language in which sites are filtered: words that are contained, fields
// that are compared, and "!" for the opposite. A term that is incomplete or wrong is ignored, and Filter.Problem
// explains it.
//
// It knows engine.Site values and must not know where they are shown. Start with Parse.
package filter
