// Package filter is the small language in which sites are picked: words to be found, fields to be compared, and "!" for
// the opposite. What is only half typed or wrong picks as if it were not there, and says calmly what it lacks.
//
// It knows engine.Site values and must not know where they are shown. Start with Parse.
package filter
