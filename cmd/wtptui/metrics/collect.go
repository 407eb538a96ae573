package metrics

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"wtptui/engine"
)

// states are all states of a site. A state that no site is in has the value 0, so that a graph has no holes.
var states = []engine.State{
	engine.Resolving, engine.Metadata, engine.Downloading, engine.Seeding, engine.Paused, engine.Found, engine.Failed,
}

// collect returns the families of a snapshot. peers are the counts of connections, and now is the current time.
func collect(s engine.Snapshot, peers map[engine.Via]int, now time.Time) []family {
	st := s.Status
	families := []family{
		{
			"wtptui_build_info", gauge, "Always 1; the version of the program is its label version.",
			[]sample{{"", []label{{"version", st.Version}}, 1}},
		},
		singleSample("wtptui_start_time_seconds", gauge,
			"When the engine started, in seconds since 1970.", float64(st.StartedAt.Std().Unix())),
		singleSample("wtptui_online", gauge,
			"1 if a peer, a tracker or the DHT has answered lately.", boolValue(st.Online)),
		singleSample("wtptui_warnings", gauge,
			"Lasting conditions that a person should know of: see the dashboard or the log.", float64(len(st.Warnings))),
		sitesByState(s.Sites),
		sitesByReason(s.Sites),
		singleSample("wtptui_content_bytes", gauge,
			"Verified bytes of all sites.", sumSites(s.Sites, func(s engine.Site) int64 { return s.Completed })),
		singleSample("wtptui_cache_used_bytes", gauge,
			"Disk space of the sites in the cache: not pinned, own or allowed.", float64(st.CacheUsed)),
		singleSample("wtptui_cache_limit_bytes", gauge,
			"Disk space that the sites in the cache may take; 0 means no limit.", float64(st.CacheLimit)),
		singleSample("wtptui_disk_needed_bytes", gauge,
			"Disk space that must stay free: with less, downloads pause.", float64(st.Disk.Needed)),
		singleSample("wtptui_bin_sites", gauge,
			"Sites in the bin: they were evicted or removed, and can be brought back.", float64(st.Bin.Sites)),
		singleSample("wtptui_bin_bytes", gauge, "Disk space of the sites in the bin.", float64(st.Bin.Bytes)),
		sitesByCopies(s.Sites),
		singleSample("wtptui_resting_sites", gauge,
			"Sites that are out of the swarm because enough others seed them.",
			sumSites(s.Sites, func(s engine.Site) int64 { return int64(boolValue(s.Resting)) })),
		peersByVia(peers),
		singleSample("wtptui_peer_port_open", gauge,
			"1 if a peer from outside has connected in this run.", boolValue(st.PortOpen)),
		singleSample("wtptui_web_trackers_connected", gauge,
			"WebTorrent trackers that are connected: with none, no browser finds a site here.", float64(st.WebTrackers)),
		directionFamily("wtptui_limit_bytes_per_second", gauge,
			"Limit of transfer over all sites; 0 means no limit.", st.Limits.Down, st.Limits.Up),
	}
	if st.Disk.Free >= 0 {
		families = append(families, singleSample("wtptui_disk_free_bytes", gauge,
			"Disk space that is free where the sites are; it may be off by a hundredth.", float64(st.Disk.Free)))
	}
	if st.DHTNodes >= 0 {
		families = append(families, singleSample("wtptui_dht_nodes", gauge,
			"Good nodes in the routing table of the DHT.", float64(st.DHTNodes)))
	}
	families = append(families, queueFamily(st.Queue), nameFamily(st.Names))
	families = append(families, recordFamilies(s.Sites, now)...)
	families = append(families, homeFamilies(s)...)
	families = append(families, scrubFamilies(st.Scrub)...)
	families = append(families, trackerFamilies(st.Trackers)...)
	return append(families, resolverFamilies(st.Resolvers)...)
}

// scrubFamilies returns how finished data is read again.
func scrubFamilies(s engine.Scrub) []family {
	families := []family{
		singleSample("wtptui_scrub_bytes_total", counter,
			"Bytes of finished data that were read again and compared with their hashes.", float64(s.Bytes)),
		singleSample("wtptui_scrub_pieces_total", counter,
			"Pieces of finished data that were read again and compared with their hashes.", float64(s.Pieces)),
		singleSample("wtptui_scrub_damaged_pieces_total", counter,
			"Pieces of finished data that were damaged on the disk, and are fetched again.", float64(s.Damaged)),
		singleSample("wtptui_scrub_period_seconds", gauge,
			"Time within which all finished data should be read again; 0 means never.", float64(s.Period)),
		singleSample("wtptui_scrub_waiting", gauge,
			"1 if finished data is due to be read again, and that waits: for power, or until the machine has less to do.",
			boolValue(s.Waiting != "")),
		singleSample("wtptui_scrub_unchecked_torrents", gauge,
			"Finished torrents that have not been read completely since they were finished or their files changed.",
			float64(s.Unchecked)),
	}
	if !s.Oldest.IsZero() {
		families = append(families, singleSample("wtptui_scrub_oldest_check_timestamp_seconds", gauge,
			"When the finished torrent that was not read for the longest time was last read completely, in seconds since "+
				"1970; torrents that were never read do not count.",
			float64(s.Oldest.Std().Unix())))
	}
	return families
}

func sitesByState(sites []engine.Site) family {
	f := family{name: "wtptui_sites", kind: gauge, help: "Sites by state."}
	for _, state := range states {
		n := sumSites(sites, func(s engine.Site) int64 { return int64(boolValue(s.State == state)) })
		f.samples = append(f.samples, sample{labels: []label{{"state", string(state)}}, value: n})
	}
	return f
}

// queueFamily returns the numbers of what waits because enough of its kind is running.
func queueFamily(q engine.Queue) family {
	return family{
		name: "wtptui_queue_length", kind: gauge,
		help: "What is due and waits for its turn: look-ups of domains, torrents to be opened or changed, announces to " +
			"trackers.",
		samples: []sample{
			{"", []label{{"queue", "look_ups"}}, float64(q.LookUps)},
			{"", []label{{"queue", "torrents"}}, float64(q.Torrents)},
			{"", []label{{"queue", "announces"}}, float64(q.Announces)},
		},
	}
}

// nameFamily returns the state of the domains and keys of kept sites, without naming any.
func nameFamily(n engine.Names) family {
	return family{
		name: "wtptui_names", kind: gauge,
		help: "Domains and keys of sites that are pinned or own: those that have an answer (good), those that cannot be " +
			"looked up (failing), and those that name another version than the one that was published here (disagreeing).",
		samples: []sample{
			{"", []label{{"state", "good"}}, float64(n.Good)},
			{"", []label{{"state", "failing"}}, float64(n.Failing)},
			{"", []label{{"state", "disagreeing"}}, float64(n.Disagreeing)},
		},
	}
}

func sitesByReason(sites []engine.Site) family {
	n := map[string]float64{}
	for _, s := range sites {
		n[s.KeepReason()]++
	}
	f := family{name: "wtptui_kept_sites", kind: gauge, help: "Sites by the reason why they are kept."}
	for _, by := range []string{"cached", "pinned", "mine", "found"} {
		f.samples = append(f.samples, sample{labels: []label{{"by", by}}, value: n[by]})
	}
	return f
}

// sitesByCopies counts the sites that are kept, and those that are complete, by the number of copies elsewhere. It
// names no site. The welcome site does not count: everybody has it, even if the trackers of a closed network do not
// know.
func sitesByCopies(sites []engine.Site) family {
	type kept struct{ by, copies string }
	n := map[kept]float64{}
	for _, s := range sites {
		isWelcomeSite := s.Mine && !s.Own
		if s.State != engine.Found && !isWelcomeSite && (s.Pinned || s.Mine || s.IsComplete()) {
			n[kept{s.KeepReason(), copiesBucket(s.Copies)}]++
		}
	}
	f := family{
		name: "wtptui_site_copies", kind: gauge,
		help: "Sites that are pinned, own or complete, by the reason why they are kept and the number of copies elsewhere.",
	}
	for _, by := range []string{"cached", "pinned", "mine"} {
		for _, copies := range []string{"unknown", "0", "1", "2-4", "5+"} {
			f.samples = append(f.samples, sample{"", []label{{"by", by}, {"copies", copies}}, n[kept{by, copies}]})
		}
	}
	return f
}

func copiesBucket(copies int) string {
	switch {
	case copies < 0:
		return "unknown"
	case copies < 2:
		return strconv.Itoa(copies)
	case copies < 5:
		return "2-4"
	}
	return "5+"
}

func peersByVia(peers map[engine.Via]int) family {
	f := family{name: "wtptui_peers", kind: gauge, help: "Connected peers of all sites, by the kind of connection."}
	for _, via := range []engine.Via{engine.TCP, engine.UTP, engine.WebRTC} {
		f.samples = append(f.samples, sample{labels: []label{{"via", string(via)}}, value: float64(peers[via])})
	}
	return f
}

func directionFamily(name, kind, help string, down, up int64) family {
	return family{name, kind, help, []sample{
		{"", []label{{"direction", "down"}}, float64(down)}, {"", []label{{"direction", "up"}}, float64(up)},
	}}
}

func sumSites(sites []engine.Site, value func(engine.Site) int64) float64 {
	var n int64
	for _, s := range sites {
		n += value(s)
	}
	return float64(n)
}

// trackerFamilies returns the state of the trackers that have been contacted.
func trackerFamilies(all []engine.Tracker) []family {
	up := family{name: "wtptui_tracker_up", kind: gauge, help: "1 if the last announce to the tracker worked."}
	last := family{
		name: "wtptui_tracker_last_announce_seconds", kind: gauge,
		help: "When the last announce to the tracker was made, in seconds since 1970.",
	}
	address := func(t engine.Tracker) string { return t.URL }
	failing := func(t engine.Tracker) bool { return t.Status == "failing" }
	for _, t := range onePerServer(all, address, failing) {
		labels := []label{{"tracker", schemeAndHost(t.URL)}}
		if t.Status == "working" || t.Status == "failing" {
			up.samples = append(up.samples, sample{"", labels, boolValue(t.Status == "working")})
		}
		if !t.Last.IsZero() {
			last.samples = append(last.samples, sample{"", labels, float64(t.Last.Std().Unix())})
		}
	}
	return []family{up, last}
}

func resolverFamilies(all []engine.Resolver) []family {
	up := family{
		name: "wtptui_resolver_up", kind: gauge,
		help: "1 if the DNS over HTTPS server answered the last request.",
	}
	took := family{
		name: "wtptui_resolver_seconds", kind: gauge,
		help: "How long the last request to the DNS over HTTPS server took.",
	}
	address := func(r engine.Resolver) string { return r.URL }
	failing := func(r engine.Resolver) bool { return r.Error != "" }
	for _, r := range onePerServer(all, address, failing) {
		if r.Last.IsZero() {
			continue
		}
		labels := []label{{"resolver", schemeAndHost(r.URL)}}
		up.samples = append(up.samples, sample{"", labels, boolValue(r.Error == "")})
		took.samples = append(took.samples, sample{"", labels, float64(r.Took) / 1e9})
	}
	return []family{up, took}
}

// onePerServer returns one element for each server, since URLs are shortened to it and labels must be unique. A
// failing one is preferred.
func onePerServer[T any](all []T, address func(T) string, failing func(T) bool) []T {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b T) int {
		return cmp.Or(
			cmp.Compare(schemeAndHost(address(a)), schemeAndHost(address(b))),
			cmp.Compare(boolValue(failing(b)), boolValue(failing(a))))
	})
	return slices.CompactFunc(sorted, func(a, b T) bool { return schemeAndHost(address(a)) == schemeAndHost(address(b)) })
}

// schemeAndHost returns the part of a URL that is not secret.
func schemeAndHost(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "unknown"
	}
	return u.Scheme + "://" + u.Host
}
