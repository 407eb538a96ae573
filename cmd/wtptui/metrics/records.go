package metrics

import (
	"time"

	"wtptui/engine"
)

// records tells how the DHT has the records of keys that are put there from here. No key is named. Nothing is told
// where there are no such sites.
func records(sites []engine.Site, now time.Time) []family {
	var kept, errors float64
	var oldest engine.Time
	all, least := 0, 0
	for _, s := range sites {
		if !s.RepublishesRecord() {
			continue
		}
		n := s.Record.HolderCount(now)
		if all == 0 || n < least {
			least = n
		}
		all++
		kept += truth(s.Record.IsAvailable(now))
		errors += truth(s.Record.Error != "")
		if put := s.Record.PutAt; !put.IsZero() && (oldest.IsZero() || put.Std().Before(oldest.Std())) {
			oldest = put
		}
	}
	if all == 0 {
		return nil
	}
	families := []family{
		{
			name: "wtptui_records", kind: gauge,
			help: "Records of keys that are put into the DHT from here, by whether enough of its nodes hold them.",
			samples: []sample{
				{"", []label{{"state", "kept"}}, kept}, {"", []label{{"state", "not_kept"}}, float64(all) - kept},
			},
		},
		one("wtptui_record_errors", gauge, "Records with which something is wrong, or with putting them.", errors),
		one("wtptui_record_least_nodes", gauge,
			"Nodes of the DHT that hold the record which the fewest hold.", float64(least)),
	}
	if !oldest.IsZero() {
		families = append(families, one("wtptui_record_oldest_put_timestamp_seconds", gauge,
			"When the record was put that has waited longest to be put again, in seconds since 1970.",
			float64(oldest.Std().Unix())))
	}
	return families
}
