package engine

// Disk is the file system that the data of sites is on.
type Disk struct {
	// Free is how many bytes may still be written to it; -1 if that is unknown. It may be a hundredth off.
	Free int64 `json:"free"`
	// Needed is how many bytes must stay free. With less, downloads pause.
	Needed int64 `json:"needed"`
}

// Queue counts what is due and waits for its turn, because enough of its kind is under way.
type Queue struct {
	// LookUps are domains that are to be looked up.
	LookUps int `json:"look_ups"`
	// Torrents are to be opened, changed or deleted.
	Torrents int `json:"torrents"`
	// Announces are to be sent to trackers.
	Announces int `json:"announces"`
}

// Names counts the domains and keys of the sites that are pinned or own, as far as they are looked up, by what came of
// the last look-up.
type Names struct {
	// Good have an answer.
	Good int `json:"good"`
	// Failing have none, or an old one at which their sites stay.
	Failing int `json:"failing"`
	// Disagreeing name another version of a site than the one that was published here.
	Disagreeing int `json:"disagreeing"`
}
