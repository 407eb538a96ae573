package undo

import (
	"fmt"
	"strings"

	"wtptui/engine"
	"wtptui/ui/format"
)

// Change is one request to the engine: what a person did, or what undoes it. Exactly one of Verb, Version, Limits,
// Assign and Home is set. Hosts are the Refs of sites.
type Change struct {
	// Verb is done to Hosts.
	Verb engine.Verb `json:"verb,omitempty"`
	// Version switches Hosts, which is one, to another version.
	Version *Version `json:"version,omitempty"`
	// Limits concern no host.
	Limits *Limits `json:"limits,omitempty"`
	// Assign is done to Hosts. Enough is the Site.Enough that a site must have for an Assignment that sets it to have an
	// effect.
	Assign *engine.Assignment `json:"assign,omitempty"`
	Enough int                `json:"enough,omitempty"`
	Hosts  []string           `json:"hosts,omitempty"`
	// Home turns a home on or off. It is never part of an Entry: the storage that browsers have deleted does not come
	// back.
	Home *Home `json:"-"`
}

// Home is one home, turned on or off.
type Home struct {
	// Name is the home's Ref.
	Name string
	On   bool
}

// Version is a change from one version to another, by their infohashes. Empty is the version that the domain points to.
type Version struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Limits is a change of the limits of one label, or over all sites.
type Limits struct {
	From engine.Limits `json:"from"`
	To   engine.Limits `json:"to"`
}

// phrase returns what the change does, with the name of its sites: "pin Garden notes".
func (c Change) phrase(name string) string {
	switch {
	case c.Version != nil && c.Version.To == "":
		return "let " + name + " follow its owner"
	case c.Version != nil:
		return "switch " + name + " to " + format.Host(c.Version.To, 9)
	case c.Limits != nil:
		return c.Limits.phrase()
	case c.Home != nil && c.Home.On:
		return "put " + name + " back on " + c.Home.Name
	case c.Home != nil:
		return "take " + name + " off " + c.Home.Name
	case c.Assign != nil:
		return assignPhrase(*c.Assign, name)
	}
	return strings.Replace(VerbTexts[c.Verb].Does, "%s", name, 1)
}

// LimitsScopeText returns whose limits they are, to follow "the limits": " of the label docs on nas". It is empty for
// the limits over all sites of an engine that is not a fleet.
func LimitsScopeText(l engine.Limits) string {
	scope := ""
	if l.Label != "" {
		scope = " of the label " + l.Label
	}
	if l.Machine != "" {
		scope += " on " + l.Machine
	}
	return scope
}

func (l Limits) phrase() string {
	scope := LimitsScopeText(l.To)
	if l.To.Down == 0 && l.To.Up == 0 {
		return "lift the limits" + scope
	}
	return "set the limits" + scope + ": " + format.Limits(l.To.Down, l.To.Up)
}

func assignPhrase(a engine.Assignment, name string) string {
	switch {
	case len(a.Label) > 0:
		return "put the label " + strings.Join(a.Label, ", ") + " on " + name
	case len(a.Unlabel) > 0:
		return "take the label " + strings.Join(a.Unlabel, ", ") + " off " + name
	case a.Enough < 0:
		return "never let " + name + " rest"
	case a.Enough == 0:
		return "let " + name + " rest as all sites do"
	}
	return fmt.Sprintf("let %s rest while %d others seed it", name, a.Enough)
}

// isValid reports whether a change read from a file can have been written by this package.
func (c Change) isValid() bool {
	set := 0
	for _, is := range []bool{c.Verb != "", c.Version != nil, c.Limits != nil, c.Assign != nil} {
		if is {
			set++
		}
	}
	switch {
	case set != 1, c.Verb != "" && VerbTexts[c.Verb].Does == "":
		return false
	case c.Limits != nil:
		return len(c.Hosts) == 0
	case c.Version != nil:
		return len(c.Hosts) == 1
	}
	return len(c.Hosts) > 0
}
