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
	// mostRecords bounds how many records that are not well have a line each.
	mostRecords = 10
)

// recordCheck looks whether the DHT has the records of keys, those of this machine's sites and of those that are
// followed. It is silent where there are neither keys nor sites under keys.
func recordCheck(_ context.Context, d *doctor) []Finding {
	keys, _ := d.keys() // Why there are none is told elsewhere.
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
	var well []engine.Record
	var found []Finding
	for _, s := range d.Sites {
		if !s.RepublishesRecord() {
			continue
		}
		f := d.recordOf(s)
		if f.Status == OK {
			well = append(well, s.Record)
		} else {
			found = append(found, f)
		}
	}
	if more := len(found) - mostRecords; more > 0 {
		found = append(found[:mostRecords], Finding{
			Status: Warn, Check: recordCheckName, Found: howMany(more, "more record") + " are not kept well either",
			Do: "`wtptui show HOST` tells of each",
		})
	}
	if d.Engine.DHTNodes == 0 {
		for i := range found {
			found[i].FollowsFrom = "DHT"
		}
	}
	if len(well) > 0 {
		found = append(ok(recordCheckName, d.kept(well)), found...)
	}
	return found
}

// recordOf looks at the record of one site.
func (d *doctor) recordOf(s engine.Site) Finding {
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
		f.Found = "too few nodes of the DHT hold its record: " + holders(r, now)
		f.Do = "it is put again within the hour; if that does not help, see the DHT above"
	}
	return f
}

// holders says how many hold a record, and when it was put last.
func holders(r engine.Record, now time.Time) string {
	text := fmt.Sprintf("%d", r.HolderCount(now))
	if r.Nearest > 0 {
		text += fmt.Sprintf(" of the %d nearest", r.Nearest)
	}
	if r.PutAt.IsZero() {
		return text + ", and it was never put from here"
	}
	return text + ", and it was put " + age(now.Sub(r.PutAt.Std())) + " ago"
}

// kept sums up the records that are kept well.
func (d *doctor) kept(all []engine.Record) string {
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
	text, most := howMany(len(all), "record")+" are kept well, each by "+howMany(least, "node")+" or more", " at most"
	if len(all) == 1 {
		text, most = "1 record is kept well, by "+howMany(least, "node"), ""
	}
	if oldest >= 0 {
		text += ", put " + age(oldest) + " ago" + most
	}
	return text
}

// age shows a duration to a person, in minutes.
func age(d time.Duration) string {
	if d = d.Round(time.Minute); d < time.Minute {
		return "less than a minute"
	}
	return strings.TrimSuffix(d.String(), "0s")
}
