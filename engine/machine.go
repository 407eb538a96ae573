package engine

import (
	"cmp"
	"strings"
)

// Machine is one machine of a fleet, at one moment.
type Machine struct {
	// Name is the one that a person gave it, without "@".
	Name string `json:"name"`
	// Away says why there is no connection to it; its sites are then those that were there last. Empty while there is one.
	Away string `json:"away,omitempty"`
	// ReadOnly reports whether nothing is to be changed there from here.
	ReadOnly bool `json:"read_only,omitempty"`
	// What follows is as in its Status.
	Version     string    `json:"version"`
	DataDir     string    `json:"data_dir"`
	Online      bool      `json:"online"`
	Peers       int       `json:"peers"`
	DownRate    int64     `json:"down_rate"`
	UpRate      int64     `json:"up_rate"`
	CacheUsed   int64     `json:"cache_used"`
	CacheLimit  int64     `json:"cache_limit"`
	Limits      Limits    `json:"limits"`
	LabelLimits []Limits  `json:"label_limits"`
	Schedule    Scheduled `json:"schedule"`
	Goals       []Goals   `json:"goals"`
	Enough      int       `json:"enough"`
	Bin         Bin       `json:"bin"`
	// TrackerURLs are those of its HomeTracker.
	TrackerURLs []string `json:"tracker_urls"`
	// Sites is how many sites it has.
	Sites int `json:"sites"`
}

// CanChange reports whether the machine is connected and not read-only.
func (m Machine) CanChange() bool { return m.Away == "" && !m.ReadOnly }

// FindMachine returns the machine of that name; false if there is none, as in all engines that are not a fleet.
func (s Status) FindMachine(name string) (Machine, bool) {
	for _, m := range s.Machines {
		if m.Name == name {
			return m, true
		}
	}
	return Machine{}, false
}

// refSeparator separates the host from the machine in a Ref. No host contains it.
const refSeparator = "@"

// Ref returns the identity of something on a machine of a fleet. With an empty machine it is the name itself.
func Ref(name, machine string) string {
	if machine == "" {
		return name
	}
	return name + refSeparator + machine
}

// CutRef returns the name and the machine of a Ref.
func CutRef(ref string) (name, machine string) {
	name, machine, _ = strings.Cut(ref, refSeparator)
	return name, machine
}

// Ref is the site's identity among all that an engine knows: its Host, and in a fleet its machine as well.
func (s *Site) Ref() string { return Ref(s.Host, s.Machine) }

// CompareSites compares two sites in the order of snapshots: by host, then by machine.
func CompareSites(a, b *Site) int {
	return cmp.Or(strings.Compare(a.Host, b.Host), strings.Compare(a.Machine, b.Machine))
}

// Ref is the identity of the Site that it was.
func (b *Binned) Ref() string { return Ref(b.Host, b.Machine) }

// Ref is the name that Engine.SetHome takes.
func (h *Home) Ref() string { return Ref(h.Name, h.Machine) }

// SiteRef is the Ref of the site that is served there.
func (h *Home) SiteRef() string { return Ref(h.Host, h.Machine) }
