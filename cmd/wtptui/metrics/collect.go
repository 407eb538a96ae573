package metrics

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"wtptui/engine"
)

// states are all states of a site: one that no site is in is told as 0, so that a graph of it has no holes.
var states = []engine.State{engine.Resolving, engine.Metadata, engine.Downloading, engine.Seeding, engine.Paused, engine.Found, engine.Failed}

// collect returns everything that can be told of a snapshot at a time.
func collect(s engine.Snapshot, peers map[engine.Via]int, now time.Time) []family {
	st := s.Status
	families := []family{
		{"wtptui_build_info", gauge, "Always 1; the version is a label.", []sample{{"", []label{{"version", st.Version}}, 1}}},
		one("wtptui_start_time_seconds", gauge, "When the engine started, in seconds since 1970.", float64(st.StartedAt.Std().Unix())),
		one("wtptui_online", gauge, "1 if a peer, a tracker or the DHT has answered lately.", truth(st.Online)),
		one("wtptui_warnings", gauge, "Lasting conditions that a person should know of: see the dashboard or the log.", float64(len(st.Warnings))),
		byState(s.Sites),
		byKeeping(s.Sites),
		one("wtptui_content_bytes", gauge, "Verified bytes of all sites.", sum(s.Sites, func(s engine.Site) int64 { return s.Completed })),
		one("wtptui_cache_used_bytes", gauge, "Disk space of the sites in the cache: not pinned, own or allowed.", float64(st.CacheUsed)),
		one("wtptui_cache_limit_bytes", gauge, "Disk space that they may take; 0 means no limit.", float64(st.CacheLimit)),
		one("wtptui_disk_needed_bytes", gauge, "Disk space that must stay free: with less, downloads pause.",
			float64(st.Disk.Needed)),
		one("wtptui_bin_sites", gauge, "Sites that were evicted or removed and can be brought back.", float64(st.Bin.Sites)),
		one("wtptui_bin_bytes", gauge, "Disk space that they take.", float64(st.Bin.Bytes)),
		byCopies(s.Sites),
		one("wtptui_resting_sites", gauge, "Sites that are out of the swarm because enough others seed them.", sum(s.Sites, func(s engine.Site) int64 { return int64(truth(s.Resting)) })),
		byVia(peers),
		one("wtptui_peer_port_open", gauge, "1 if a peer from outside has connected in this run.", truth(st.PortOpen)),
		one("wtptui_web_trackers_connected", gauge, "WebTorrent trackers that are connected: with none, no browser finds a site here.", float64(st.WebTrackers)),
		direction("wtptui_limit_bytes_per_second", gauge, "Transfer limit over all sites; 0 means none.", st.Limits.Down, st.Limits.Up),
	}
	if st.Disk.Free >= 0 {
		families = append(families, one("wtptui_disk_free_bytes", gauge,
			"Disk space that is free where the sites are, to a hundredth.", float64(st.Disk.Free)))
	}
	if st.DHTNodes >= 0 {
		families = append(families, one("wtptui_dht_nodes", gauge, "Good nodes in the table of the DHT.", float64(st.DHTNodes)))
	}
	families = append(families, queue(st.Queue), names(st.Names))
	families = append(families, records(s.Sites, now)...)
	families = append(families, homes(s)...)
	families = append(families, scrubbed(st.Scrub)...)
	families = append(families, trackers(st.Trackers)...)
	return append(families, resolvers(st.Resolvers)...)
}

// scrubbed tells how finished data is read again.
func scrubbed(s engine.Scrub) []family {
	families := []family{
		one("wtptui_scrub_bytes_total", counter, "Bytes of finished data that were read again and compared with their hashes.", float64(s.Bytes)),
		one("wtptui_scrub_pieces_total", counter, "Pieces that were.", float64(s.Pieces)),
		one("wtptui_scrub_damaged_pieces_total", counter, "Pieces that were damaged on the disk, and are fetched again.", float64(s.Damaged)),
		one("wtptui_scrub_period_seconds", gauge,
			"Within which time all of it should be read; 0 means that it never is.", float64(s.Period)),
		one("wtptui_scrub_waiting", gauge, "1 if that is due and waits: for power, or until the machine has less to do.", truth(s.Waiting != "")),
		one("wtptui_scrub_unchecked_torrents", gauge, "Finished torrents that have not all been read since they are as they are.", float64(s.Unchecked)),
	}
	if !s.Oldest.IsZero() {
		families = append(families, one("wtptui_scrub_oldest_check_timestamp_seconds", gauge, "Since when all others have been, in seconds since 1970.", float64(s.Oldest.Std().Unix())))
	}
	return families
}

func byState(sites []engine.Site) family {
	f := family{name: "wtptui_sites", kind: gauge, help: "Sites by state."}
	for _, state := range states {
		n := sum(sites, func(s engine.Site) int64 { return int64(truth(s.State == state)) })
		f.samples = append(f.samples, sample{labels: []label{{"state", string(state)}}, value: n})
	}
	return f
}

// queue tells what waits because enough of its kind is under way.
func queue(q engine.Queue) family {
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

// names tells how the domains and keys of kept sites are. None is named.
func names(n engine.Names) family {
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

func byKeeping(sites []engine.Site) family {
	n := map[string]float64{}
	for _, s := range sites {
		n[s.KeepReason()]++
	}
	f := family{name: "wtptui_kept_sites", kind: gauge, help: "Sites by why they are kept."}
	for _, by := range []string{"cached", "pinned", "mine", "found"} {
		f.samples = append(f.samples, sample{labels: []label{{"by", by}}, value: n[by]})
	}
	return f
}

// byCopies counts the sites that are kept, and those that are complete, by how many copies there are elsewhere. No site
// is named. The site that wtptui brings along does not count: everybody has it, whatever trackers of a closed network
// know of it.
func byCopies(sites []engine.Site) family {
	type kept struct{ by, copies string }
	n := map[kept]float64{}
	for _, s := range sites {
		broughtAlong := s.Mine && !s.Own
		if s.State != engine.Found && !broughtAlong && (s.Pinned || s.Mine || s.IsComplete()) {
			n[kept{s.KeepReason(), rarity(s.Copies)}]++
		}
	}
	f := family{
		name: "wtptui_site_copies", kind: gauge,
		help: "Sites that are pinned, own or complete, by why they are kept and how many copies there are elsewhere.",
	}
	for _, by := range []string{"cached", "pinned", "mine"} {
		for _, copies := range []string{"unknown", "0", "1", "2-4", "5+"} {
			f.samples = append(f.samples, sample{"", []label{{"by", by}, {"copies", copies}}, n[kept{by, copies}]})
		}
	}
	return f
}

func rarity(copies int) string {
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

func byVia(peers map[engine.Via]int) family {
	f := family{name: "wtptui_peers", kind: gauge, help: "Connected peers of all sites, by way."}
	for _, via := range []engine.Via{engine.TCP, engine.UTP, engine.WebRTC} {
		f.samples = append(f.samples, sample{labels: []label{{"via", string(via)}}, value: float64(peers[via])})
	}
	return f
}

func direction(name, kind, help string, down, up int64) family {
	return family{name, kind, help, []sample{
		{"", []label{{"direction", "down"}}, float64(down)}, {"", []label{{"direction", "up"}}, float64(up)},
	}}
}

func sum(sites []engine.Site, of func(engine.Site) int64) float64 {
	var n int64
	for _, s := range sites {
		n += of(s)
	}
	return float64(n)
}

// trackers tells of those that have been asked.
func trackers(all []engine.Tracker) []family {
	up := family{name: "wtptui_tracker_up", kind: gauge, help: "1 if the last announce to the tracker worked."}
	last := family{name: "wtptui_tracker_last_announce_seconds", kind: gauge, help: "When the tracker was asked last, in seconds since 1970."}
	for _, t := range byServer(all, func(t engine.Tracker) string { return t.URL }, func(t engine.Tracker) bool { return t.Status == "failing" }) {
		labels := []label{{"tracker", server(t.URL)}}
		if t.Status == "working" || t.Status == "failing" {
			up.samples = append(up.samples, sample{"", labels, truth(t.Status == "working")})
		}
		if !t.Last.IsZero() {
			last.samples = append(last.samples, sample{"", labels, float64(t.Last.Std().Unix())})
		}
	}
	return []family{up, last}
}

func resolvers(all []engine.Resolver) []family {
	up := family{name: "wtptui_resolver_up", kind: gauge, help: "1 if the DNS over HTTPS server answered when it was asked last."}
	took := family{name: "wtptui_resolver_seconds", kind: gauge, help: "How long that took."}
	for _, r := range byServer(all, func(r engine.Resolver) string { return r.URL }, func(r engine.Resolver) bool { return r.Error != "" }) {
		if r.Last.IsZero() {
			continue
		}
		labels := []label{{"resolver", server(r.URL)}}
		up.samples = append(up.samples, sample{"", labels, truth(r.Error == "")})
		took.samples = append(took.samples, sample{"", labels, float64(r.Took) / 1e9})
	}
	return []family{up, took}
}

// byServer leaves one of those that differ in more than their server: a name may not be told twice. A failing one
// stands for all.
func byServer[T any](all []T, address func(T) string, failing func(T) bool) []T {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b T) int {
		return cmp.Or(cmp.Compare(server(address(a)), server(address(b))), cmp.Compare(truth(failing(b)), truth(failing(a))))
	})
	return slices.CompactFunc(sorted, func(a, b T) bool { return server(address(a)) == server(address(b)) })
}

// server is the part of a URL that is no secret.
func server(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "unknown"
	}
	return u.Scheme + "://" + u.Host
}
