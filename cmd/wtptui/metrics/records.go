package metrics

import (
	"time"

	"wtptui/engine"
)

// recordFamilies returns the state of the records that are put into the DHT from here, without naming keys; none if
// there are no such records.
func recordFamilies(sites []engine.Site, now time.Time) []family {
	var kept, errors float64
	var oldest engine.Time
	count, least := 0, 0
	for _, s := range sites {
		if !s.RepublishesRecord() {
			continue
		}
		n := s.Record.HolderCount(now)
		if count == 0 || n < least {
			least = n
		}
		count++
		kept += boolValue(s.Record.IsAvailable(now))
		errors += boolValue(s.Record.Error != "")
		if put := s.Record.PutAt; !put.IsZero() && (oldest.IsZero() || put.Std().Before(oldest.Std())) {
			oldest = put
		}
	}
	if count == 0 {
		return nil
	}
	families := []family{
		{
			name: "wtptui_records", kind: gauge,
			help: "Records of keys that are put into the DHT from here, by whether enough of its nodes hold them.",
			samples: []sample{
				{"", []label{{"state", "kept"}}, kept}, {"", []label{{"state", "not_kept"}}, float64(count) - kept},
			},
		},
		singleSample("wtptui_record_errors", gauge,
			"Records of keys that have an error, or could not be put into the DHT.", errors),
		singleSample("wtptui_record_least_nodes", gauge,
			"How many nodes of the DHT hold the record of a key that the fewest nodes hold.", float64(least)),
	}
	if !oldest.IsZero() {
		families = append(families, singleSample("wtptui_record_oldest_put_timestamp_seconds", gauge,
			"When the record of a key was last put into the DHT that has waited longest since, in seconds since 1970.",
			float64(oldest.Std().Unix())))
	}
	return families
}
