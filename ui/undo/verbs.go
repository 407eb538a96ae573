package undo

import "wtptui/engine"

// VerbText is the wording of a verb. In Does, Doing and Done, %s stands for the name of the sites.
type VerbText struct {
	// Does is what the verb does: "pin %s". It is empty for a verb that is never part of an Entry.
	Does string
	// Doing is for a verb under way, and Done for one that was carried out.
	Doing, Done string
	// Already follows the name of a site on which the verb has no effect.
	Already string
}

// VerbTexts are the wordings of the verbs that the dashboard asks for.
var VerbTexts = map[engine.Verb]VerbText{
	engine.Pin:      {"pin %s", "Pinning %s", "Pinned %s: kept and seeded for ever", " is pinned already"},
	engine.Unpin:    {"unpin %s", "Unpinning %s", "Unpinned %s: expires again", " is not pinned any more"},
	engine.Touch:    {"", "Restarting the cache period of %s", "Restarted the cache period of %s", ""},
	engine.Pause:    {"pause %s", "Pausing %s", "Paused %s: out of the swarm", " is paused already"},
	engine.Resume:   {"resume %s", "Resuming %s", "Resumed %s", " is not paused any more"},
	engine.Announce: {"", "Asking for peers of %s", "Asking trackers and DHT for peers of %s", ""},
	engine.Verify:   {"", "Starting to check %s", "Checking all data of %s", ""},
	engine.Allow:    {"", "Allowing %s", "Allowed %s regardless of size", ""},
	engine.NoClearnet: {
		"keep %s from asking other servers", "Keeping %s from asking other servers", "Kept %s from asking other servers",
		" is kept from other servers already",
	},
	engine.Clearnet: {
		"let %s ask other servers", "Letting %s ask other servers again", "Let %s ask other servers again",
		" may ask other servers already",
	},
	engine.AcceptKey: {
		"accept the new key of %s", "Accepting the new key of %s", "Accepted the new key of %s", "",
	},
	engine.Evict:  {"evict %s", "Evicting %s", "Evicted %s", ""},
	engine.Undo:   {"bring back %s", "Bringing back %s", "Brought back %s", ""},
	engine.Remove: {"remove %s", "Removing %s", "Removed %s with its history", ""},
}

// changesSite reports whether a verb that has an inverse changes something of a site that the inverse restores. A found
// site that has been resumed cannot become a found one again.
func changesSite(v engine.Verb, s engine.Site) bool {
	switch v {
	case engine.Pin:
		return !s.Pinned && s.State != engine.Found
	case engine.Unpin:
		return s.Pinned
	case engine.Pause:
		return s.State != engine.Paused && s.State != engine.Found
	case engine.Resume:
		return s.State == engine.Paused
	case engine.Evict, engine.Remove:
		return true
	default:
		return s.Flags.Apply(v) != s.Flags
	}
}
