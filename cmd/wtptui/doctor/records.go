package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
)

const (
	recordCheckName = "record"
	// maxRecordFindings bounds how many records have a finding of their own.
	maxRecordFindings = 10
)

// recordCheck checks whether the DHT holds the records of keys, those of this machine's sites and of those that are
// followed. It returns nothing if there are neither keys nor sites under keys.
func recordCheck(_ context.Context, d *doctor) []Finding {
	keys, _ := d.listKeys() // keyCheck reports the error.
	switch off := !d.DHT || d.Engine != nil && d.Engine.DHTNodes < 0; {
	case len(keys) == 0 && len(d.Sites) == 0:
		return nil
	case off && len(d.Relays) == 0:
		return fail(recordCheckName,
			"the DHT is switched off, and no relay is named: what keys sign can neither be put nor read",
			"run without --no-dht, or name a relay with --relay")
	case off:
		return warn(recordCheckName, "the DHT is switched off: what keys sign is put and read by relays alone",
			"run without --no-dht")
	case d.Engine == nil:
		return ok(recordCheckName, "put into the DHT each hour while wtptui runs")
	}
	var good []engine.Record
	var found []Finding
	for _, s := range d.Sites {
		if !s.RepublishesRecord() {
			continue
		}
		f := d.recordFinding(s)
		if f.Status == OK {
			good = append(good, s.Record)
		} else {
			found = append(found, f)
		}
	}
	if more := len(found) - maxRecordFindings; more > 0 {
		found = append(found[:maxRecordFindings], Finding{
			Status: Warn, Check: recordCheckName, Found: countText(more, "more record") + " are not kept well either",
			Do: "`wtptui show HOST` tells of each",
		})
	}
	if d.Engine.DHTNodes == 0 {
		for i := range found {
			found[i].FollowsFrom = "DHT"
		}
	}
	if len(good) > 0 {
		found = append(ok(recordCheckName, d.goodRecordsText(good)), found...)
	}
	return found
}

// recordFinding checks the record of one site.
func (d *doctor) recordFinding(s engine.Site) Finding {
	r, now := s.Record, d.Now()
	f := Finding{Status: Warn, Check: recordCheckName, Subject: s.URL}
	switch {
	case r.Error != "":
		f.Found, f.Do, _ = strings.Cut(r.Error, ": ")
		if f.Do == "" {
			f.Do = "`wtptui resolve " + s.Host + "` asks again"
		}
	case r.Infohash == "":
		f.Found = "no record of its key is known"
		f.Do = "`wtptui resolve " + s.Host + "` asks again; its owner has to put it into the DHT"
	case r.IsAvailable(now):
		return Finding{Status: OK, Check: recordCheckName}
	default:
		f.Found = "too few nodes of the DHT hold its record: " + holdersText(r, now)
		f.Do = "it is put again within the hour; if that does not help, see the DHT above"
	}
	return f
}

// holdersText returns how many nodes hold a record, and when it was last put.
func holdersText(r engine.Record, now time.Time) string {
	text := fmt.Sprintf("%d", r.HolderCount(now))
	if r.Nearest > 0 {
		text += fmt.Sprintf(" of the %d nearest", r.Nearest)
	}
	if r.PutAt.IsZero() {
		return text + ", and it was never put from here"
	}
	return text + ", and it was put " + ageText(now.Sub(r.PutAt.Std())) + " ago"
}

// goodRecordsText summarizes the records that enough nodes hold.
func (d *doctor) goodRecordsText(all []engine.Record) string {
	now := d.Now()
	least, oldest := -1, time.Duration(-1)
	for _, r := range all {
		if n := r.HolderCount(now); least < 0 || n < least {
			least = n
		}
		if !r.PutAt.IsZero() {
			oldest = max(oldest, now.Sub(r.PutAt.Std()))
		}
	}
	text, most := countText(len(all), "record")+" are kept well, each by "+countText(least, "node")+" or more", " at most"
	if len(all) == 1 {
		text, most = "1 record is kept well, by "+countText(least, "node"), ""
	}
	if oldest >= 0 {
		text += ", put " + ageText(oldest) + " ago" + most
	}
	return text
}

// ageText formats a duration, rounded to minutes.
func ageText(d time.Duration) string {
	if d = d.Round(time.Minute); d < time.Minute {
		return "less than a minute"
	}
	return strings.TrimSuffix(d.String(), "0s")
}
