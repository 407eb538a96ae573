package history

import "wtptui/engine"

// Seconds is how many seconds are recorded.
const Seconds = 60

// Series holds the rates of the last minute, oldest first, at most Seconds values each way.
type Series struct {
	Down, Up []int64
	idle     int // samples without any transfer at the end
	count    int // samples taken, including those that were dropped
}

// Halved returns the series with the larger value of each two seconds. Which seconds form a pair does not change from
// sample to sample, so that a chart of it moves and does not flicker.
func (s Series) Halved() Series {
	return Series{Down: halved(s.Down, s.count), Up: halved(s.Up, s.count)}
}

func halved(values []int64, count int) []int64 {
	if len(values) == 0 {
		return nil
	}
	// The first value is number count-len(values), and even numbers begin a pair.
	odd := (count - len(values)) & 1
	out := make([]int64, (len(values)+odd+1)/2)
	for i, v := range values {
		at := (i + odd) / 2
		out[at] = max(out[at], v)
	}
	return out
}

// Max returns the largest values.
func (s Series) Max() (down, up int64) {
	for i := range s.Down {
		down, up = max(down, s.Down[i]), max(up, s.Up[i])
	}
	return down, up
}

// siteKey identifies a site. Unlike a Ref it is made without an allocation.
type siteKey struct{ host, machine string }

// Rates holds the history of the engine and of its sites. The zero value is ready to use.
type Rates struct {
	total Series
	sites map[siteKey]*Series
}

// Sample records the rates of the next second. The history of a site without any transfer for a minute is dropped.
func (r *Rates) Sample(snap engine.Snapshot) {
	r.total.add(snap.Status.DownRate, snap.Status.UpRate)
	if r.sites == nil {
		r.sites = map[siteKey]*Series{}
	}
	next := make(map[siteKey]*Series, len(r.sites))
	for i := range snap.Sites {
		s := &snap.Sites[i]
		key := siteKey{s.Host, s.Machine}
		series := r.sites[key]
		if series == nil {
			if s.DownRate == 0 && s.UpRate == 0 {
				continue
			}
			series = &Series{}
		}
		series.add(s.DownRate, s.UpRate)
		if series.idle < Seconds {
			next[key] = series
		}
	}
	r.sites = next
}

// Total returns the history of the engine as a whole. The caller must not write to it.
func (r *Rates) Total() Series { return r.total }

// Site returns the history of the site of a Ref. The caller must not write to it. A site that is not recorded had no
// transfer.
func (r *Rates) Site(ref string) Series {
	var key siteKey
	key.host, key.machine = engine.CutRef(ref)
	if s := r.sites[key]; s != nil {
		return *s
	}
	still := make([]int64, len(r.total.Down))
	return Series{Down: still, Up: still}
}

func (s *Series) add(down, up int64) {
	s.Down, s.Up = appendBounded(s.Down, down), appendBounded(s.Up, up)
	s.idle++
	s.count++
	if down != 0 || up != 0 {
		s.idle = 0
	}
}

// appendBounded appends a value and keeps the last Seconds values.
func appendBounded(values []int64, v int64) []int64 {
	if len(values) < Seconds {
		return append(values, v)
	}
	copy(values, values[1:])
	values[len(values)-1] = v
	return values
}
