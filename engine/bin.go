package engine

// Bin is the state of the bin: of what a person has evicted or removed and can have back.
type Bin struct {
	// Period is for how many seconds a site lies in it. With 0 there is no bin: what is evicted can be brought back for
	// UndoPeriod, and what is removed not at all.
	Period int64 `json:"period_seconds"`
	// Sites is how many sites lie in it, and Bytes what they take on disk that no other site has. It holds as many
	// bytes as the cache, Status.CacheLimit, besides those of sites that were published here.
	Sites int   `json:"sites"`
	Bytes int64 `json:"bytes"`
}

// Binned is a site in the bin. Its JSON form is what `wtptui ls --bin --json` prints.
type Binned struct {
	// Host and URL are those of the Site that it was, and will be again after Undo.
	Host string `json:"host"`
	URL  string `json:"url"`
	// Machine is the machine in a fleet whose bin it lies in; empty in any other engine.
	Machine string `json:"machine,omitempty"`
	// Infohash is empty if its domain was never resolved.
	Infohash string `json:"infohash"`
	Title    string `json:"title"`
	Pinned   bool   `json:"pinned"`
	Mine     bool   `json:"mine"`
	// Found reports whether it was found in the data folder; see the State.
	Found bool `json:"found"`
	// Removed reports whether it was sent away with its history, which goes with it when it leaves the bin.
	Removed bool `json:"removed"`
	// Bytes is what it takes on disk that no other site has.
	Bytes int64 `json:"bytes"`
	// Since is when it was sent away, and Until when it is deleted at the latest: earlier if its space is needed.
	Since Time `json:"since"`
	Until Time `json:"until"`
}
