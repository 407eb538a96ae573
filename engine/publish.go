package engine

// PublishRequest says which folder becomes a site, and how.
type PublishRequest struct {
	// Dir is an absolute path on the engine's machine.
	Dir string `json:"dir"`
	// Name is the domain that the site will have, or empty.
	Name string `json:"name"`
	// Key is the name of a key of this machine (see Engine.Keys), which is made if there is none of that name. The site's
	// host is that key, unless it has a Name, and its record is signed and put into the DHT. Empty leaves the folder with
	// the key that it was published with last, if any.
	Key string `json:"key"`
	// TakeOver publishes although the DHT has a record of the key that was signed elsewhere: without it, that is Kind
	// Conflict.
	TakeOver bool `json:"take_over"`
	// DryRun checks and hashes, and changes nothing.
	DryRun bool `json:"dry_run"`
	// InPlace seeds from the folder itself instead of from a copy.
	InPlace bool `json:"in_place"`
	// Paranoid reads every file again, also those whose size and time have not changed since the last version.
	Paranoid bool `json:"paranoid"`
	// Keep are the paths of findings that are to be published all the same, LeaveOut those that are not to be: as findings
	// have them, or exactly as the file system does. What was kept and what was left out when the folder was published
	// last holds again where they say nothing else: a path that was left out is left out, and a finding that was kept is
	// kept, but not another one of the same path.
	Keep     []string `json:"keep"`
	LeaveOut []string `json:"leave_out"`
	// Fresh forgets the decisions of the last publication: only Keep and LeaveOut hold.
	Fresh bool `json:"fresh"`
	// WriteIgnore adds what a person leaves out, now or as last time, to the folder's .wtpignore once it is published: the
	// lines that Publication.Ignore has. Lines that are there stay as they are.
	WriteIgnore bool `json:"write_ignore"`
	// PublicURL is where anybody opens the site with any browser: see Site.PublicURL and ParsePublicURL. Empty leaves it
	// as it was, and NoPublicURL forgets it.
	PublicURL string `json:"public_url"`
	// Machine is the machine of a fleet that Dir is on; other engines ignore it.
	Machine string `json:"machine,omitempty"`
}

// NoPublicURL says that a site has no PublicURL any more.
const NoPublicURL = "none"

// PublishedFrom is how a site was published here last.
type PublishedFrom struct {
	// Dir is the folder on the engine's machine; empty for a site that was not published here.
	Dir string `json:"dir"`
	// InPlace reports whether it was seeded from the folder itself.
	InPlace bool `json:"in_place"`
	// At is when; zero (null) for a publication by a release that did not keep it.
	At Time `json:"at"`
	// Keep and LeaveOut are what a person decided then, sorted, as findings have the paths.
	Keep     []string `json:"keep"`
	LeaveOut []string `json:"leave_out"`
}

// PublishStage is what a publication is doing.
type PublishStage string

// The stages, in order. What is seeded from the folder itself, or only checked, is not copied.
const (
	PublishCheck PublishStage = "check" // walking the folder and looking into its files
	PublishCopy  PublishStage = "copy"  // taking in those that need not be copied
	PublishHash  PublishStage = "hash"  // copying the others, and hashing all
)

// PublishProgress is how far a publication is.
type PublishProgress struct {
	Stage PublishStage `json:"stage"`
	// Files and Bytes count what is done of AllFiles and AllBytes, which grow while the folder is walked.
	Files    int   `json:"files"`
	AllFiles int   `json:"all_files"`
	Bytes    int64 `json:"bytes"`
	AllBytes int64 `json:"all_bytes"`
	// Findings are what the check has found, in the one report that ends it. Nothing has been copied or hashed by then.
	Findings []Finding `json:"findings,omitempty"`
}

// Codes of findings that programs look for.
const (
	// What visitors have to allow before they get the site.
	FindingManyFiles = "many-files"
	FindingLargeSite = "large-site"
	// FindingIgnored says what the folder's .wtpignore leaves out, in one finding for all of it: whoever wants it
	// published changes that file.
	FindingIgnored = "ignored"
)

// Publication is what came of a folder.
type Publication struct {
	// Host, Infohash and URL are the site's; Host is empty after a dry run of a folder without a name.
	Host     string `json:"host"`
	Infohash string `json:"infohash"`
	URL      string `json:"url"`
	LocalURL string `json:"local_url"`
	// PieceLength is in bytes.
	PieceLength int64 `json:"piece_length"`
	Files       int   `json:"files"`
	Size        int64 `json:"size"`
	// Previous is the infohash of the version before; empty for the first one. Added, Changed and Removed are the paths
	// that differ from it, at most MaxChanges each; the counts are of all of them, and Same counts the files that do not
	// differ. The sizes, in bytes and in the same order, are those that the files have now; of removed ones those that
	// they had.
	Previous     string   `json:"previous"`
	Added        []string `json:"added"`
	Changed      []string `json:"changed"`
	Removed      []string `json:"removed"`
	AddedSizes   []int64  `json:"added_sizes"`
	ChangedSizes []int64  `json:"changed_sizes"`
	RemovedSizes []int64  `json:"removed_sizes"`
	AddedCount   int      `json:"added_count"`
	ChangedCount int      `json:"changed_count"`
	RemovedCount int      `json:"removed_count"`
	Same         int      `json:"same"`
	// Unchanged reports whether the site is already just that, under the same name: to publish it makes no new version.
	Unchanged bool `json:"unchanged"`
	// Key is the key that the site was published with; zero if it has none. Record is what was signed.
	Key    Key    `json:"key,omitzero"`
	Record Record `json:"record,omitzero"`
	// Records are the TXT records to add for the name, as lines of a zone file.
	Records []string `json:"records"`
	// Findings are what the check found, most severe first.
	Findings []Finding `json:"findings"`
	// Ignore are the lines that WriteIgnore adds to the folder's .wtpignore, or has added.
	Ignore []string `json:"ignore"`
}

// MaxChanges bounds each list of changed paths in a Publication.
const MaxChanges = 1000

// Choice is what is done with a finding unless a person decides otherwise.
type Choice string

// The choices.
const (
	ChoiceRefuse   Choice = "refuse"    // nothing is published until it is fixed, left out or kept
	ChoiceLeaveOut Choice = "leave out" // published without it
	ChoiceNote     Choice = "note"      // published with it
)

// Finding is something about a folder that its owner should know before others do.
type Finding struct {
	// Path is below the folder, with "/" between parts, as DisplayPath gives it; empty for the folder as a whole.
	Path string `json:"path"`
	// Code names the finding for programs: "dotfile", "secret", "symlink", "case-clash".
	Code string `json:"code"`
	// Why says why it matters, in a sentence.
	Why    string `json:"why"`
	Choice Choice `json:"choice"`
	// AsBefore reports whether Choice is what a person decided when the folder was published last.
	AsBefore bool `json:"as_before"`
	// New reports whether the check of the last publication did not find it. Nothing is new in a folder that was not
	// published before.
	New bool `json:"new"`
}

// Reach is who can load a site.
type Reach struct {
	Host string `json:"host"`
	// TCP is what a torrent client found, WebRTC what a browser would.
	TCP    ReachWay `json:"tcp"`
	WebRTC ReachWay `json:"webrtc"`
	// Verdict says it in a sentence: browsers can, only torrent clients can, nobody can, and because of what.
	Verdict string `json:"verdict"`
}

// ReachWay is one way to a site.
type ReachWay struct {
	OK bool `json:"ok"`
	// Took is the time to the site's first page, in nanoseconds.
	Took int64 `json:"took"`
	// Peers is how many peers were met.
	Peers int `json:"peers"`
	// Why says what went wrong and what to do; empty when it went well.
	Why string `json:"why"`
}
