package engine

// Verb is an operation on a site.
type Verb string

// The verbs. All are idempotent except Undo.
const (
	// Pin keeps and seeds the site for ever. It takes up a found site.
	Pin Verb = "pin"
	// Unpin lets it expire again: a fresh cache period starts. Kind Conflict for a site that was published here, and for
	// one that is at home (see Home).
	Unpin Verb = "unpin"
	// Touch starts the cache period over, as opening the site does. It takes up a found site.
	Touch Verb = "touch"
	// Pause leaves the swarm but keeps the data; the site is still served as far as it is there.
	Pause Verb = "pause"
	// Resume joins the swarm again. It takes up a found site, whose first cache period starts.
	Resume Verb = "resume"
	// Announce asks trackers and DHT for peers now. Kind Conflict for a found site.
	Announce Verb = "announce"
	// Verify hashes all data again; of a found site it says then how much is there.
	Verify Verb = "verify"
	// Allow accepts a site that was refused for its size.
	Allow Verb = "allow"
	// NoClearnet keeps the site's pages from asking any other server for anything; Clearnet lets them again.
	NoClearnet Verb = "no-clearnet"
	Clearnet   Verb = "clearnet"
	// AcceptKey lets the key decide that the site's domain names now, in place of the former one: see Site.NextKey. If
	// there is none, nothing changes.
	AcceptKey Verb = "accept-key"
	// Evict leaves the swarm at once and puts the site into the bin (see Bin): its data is deleted when it leaves
	// that. Kind Conflict for a site that was published here, and for a found one: nothing else knows what it is.
	Evict Verb = "evict"
	// Undo brings back what lies in the bin, whole. Kind NotFound when that has left it.
	Undo Verb = "undo"
	// Remove is Evict for any site, and with its history. A site that is in the bin stays there for its time.
	Remove Verb = "remove"
	// RemoveNow deletes data, pin and history at once, here or in the bin: it cannot be undone.
	RemoveNow Verb = "remove-now"
)

// Flags are the booleans of a site that people set and clear. Each of them has two verbs.
type Flags struct {
	// NoClearnet reports whether the site's pages may not ask any other server for anything.
	NoClearnet bool `json:"no_clearnet"`
}

func noClearnet(f *Flags) *bool { return &f.NoClearnet }

// verbInfo describes a verb.
type verbInfo struct {
	verb Verb
	// inverse is the verb that undoes it; empty if none does.
	inverse Verb
	// help describes what it does to sites, as a command without a full stop. done precedes the host of a site to which it
	// was applied.
	help, done string
	// flag is the flag that the verb sets to value; nil if it sets none.
	flag  func(*Flags) *bool
	value bool
}

// verbTable has a row for each verb, in the order of the constants.
var verbTable = []verbInfo{
	{verb: Pin, inverse: Unpin, help: "Keep and seed sites for ever", done: "pinned"},
	{verb: Unpin, inverse: Pin, help: "Let sites expire again", done: "unpinned"},
	{verb: Touch, help: "Start the time until sites expire over", done: "touched"},
	{verb: Pause, inverse: Resume, help: "Leave the swarm and keep the data", done: "paused"},
	{verb: Resume, inverse: Pause, help: "Join the swarm again", done: "resumed"},
	{verb: Announce, help: "Ask trackers and the DHT for peers now", done: "announced"},
	{verb: Verify, help: "Read all data again and compare it with its hashes", done: "verifying"},
	{verb: Allow, help: "Fetch sites that were refused for their size", done: "allowed"},
	{
		NoClearnet, Clearnet, "Keep the sites' pages from loading anything from other servers", "kept from the clearnet",
		noClearnet, true,
	},
	{
		Clearnet, NoClearnet, "Let the sites' pages load things from other servers again", "let onto the clearnet",
		noClearnet, false,
	},
	{verb: AcceptKey, help: "Follow the new key that a site's domain names", done: "accepted the new key of"},
	{verb: Evict, inverse: Undo, help: "Leave the swarm and move the data into the bin", done: "evicted"},
	{verb: Undo, help: "Bring back what was evicted or removed", done: "restored"},
	{verb: Remove, inverse: Undo, help: "Move sites into the bin with their data, pin and history", done: "removed"},
	{verb: RemoveNow, help: "Delete data, pin and history at once", done: "deleted"},
}

// Verbs returns all verbs, in the order of the constants.
func Verbs() []Verb {
	all := make([]Verb, len(verbTable))
	for i, info := range verbTable {
		all[i] = info.verb
	}
	return all
}

// info returns the verb's row; the zero row if there is no such verb.
func (v Verb) info() verbInfo {
	for _, info := range verbTable {
		if info.verb == v {
			return info
		}
	}
	return verbInfo{}
}

// Inverse returns the verb that undoes v; empty if none does.
func (v Verb) Inverse() Verb { return v.info().inverse }

// Help returns what the verb does to sites, as a command without a full stop: "Keep and seed sites for ever".
func (v Verb) Help() string { return v.info().help }

// PastTense returns the verb in the past tense, to precede the host of a site: "pinned".
func (v Verb) PastTense() string { return v.info().done }

// Apply returns the flags after a verb was applied to their site: f itself unless the verb sets a flag.
func (f Flags) Apply(v Verb) Flags {
	if info := v.info(); info.flag != nil {
		*info.flag(&f) = info.value
	}
	return f
}

// Or returns the flags that are set in f or in g.
func (f Flags) Or(g Flags) Flags {
	for _, info := range verbTable {
		if info.flag != nil && *info.flag(&g) {
			*info.flag(&f) = true
		}
	}
	return f
}
