package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"wtptui/engine"
)

// patch is the difference between two snapshots: of sites it has only the fields that have changed. From one snapshot
// to the next most sites change in a few numbers, so a patch is much smaller than a snapshot. It has no events, since
// these depend on the watch.
type patch struct {
	// Base is the Seq of the snapshot to which the patch applies; 0 means none, and then all sites are in New.
	Base   uint64        `json:"base"`
	Seq    uint64        `json:"seq"`
	At     engine.Time   `json:"at"`
	Status engine.Status `json:"status"`
	// Gone are the hosts of sites that were removed, and New are sites that were added.
	Gone []string      `json:"gone,omitempty"`
	New  []engine.Site `json:"new,omitempty"`
	// Changed are the fields of sites that changed, by their JSON name. They apply after Gone and New.
	Changed map[string]column `json:"changed,omitempty"`
}

// column is the changes of one field in all sites.
type column struct {
	// At are the indexes of the sites in the new snapshot, each as the difference to the one before; the first is
	// relative to -1.
	At []int `json:"at"`
	// To is the list of new values. For whole numbers By has the differences to the old values instead, which take
	// fewer digits.
	To json.RawMessage `json:"to,omitempty"`
	By []int64         `json:"by,omitempty"`
}

// siteField is a field of engine.Site in JSON.
type siteField struct {
	name string // in JSON
	reflect.StructField
}

// siteFields returns all fields of engine.Site, in the order of the JSON.
func siteFields() []siteField {
	var fields []siteField
	for _, f := range reflect.VisibleFields(reflect.TypeFor[engine.Site]()) {
		if !f.Anonymous {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, siteField{name, f})
		}
	}
	return fields
}

// isInt reports whether the field is a whole number.
func (f siteField) isInt() bool {
	return f.Type.Kind() == reflect.Int || f.Type.Kind() == reflect.Int64
}

// diff returns the patch from base to next. The sites of both must be sorted by host, and those of base unchanged
// since it was made. If base.Seq is 0, the patch has all sites.
func diff(base, next engine.Snapshot) (patch, error) {
	p := patch{Base: base.Seq, Seq: next.Seq, At: next.At, Status: next.Status}
	if base.Seq == 0 {
		p.New = next.Sites
		return p, nil
	}
	var before, after []engine.Site // the sites that changed
	var indexes []int               // their indexes in next.Sites
	old := base.Sites
	for i, site := range next.Sites {
		for len(old) > 0 && old[0].Host < site.Host {
			p.Gone, old = append(p.Gone, old[0].Host), old[1:]
		}
		switch {
		case len(old) == 0 || old[0].Host != site.Host:
			p.New = append(p.New, site)
			continue
		case !engine.SameSite(&old[0], &site):
			before, after, indexes = append(before, old[0]), append(after, site), append(indexes, i)
		}
		old = old[1:]
	}
	for _, site := range old {
		p.Gone = append(p.Gone, site.Host)
	}
	var err error
	p.Changed, err = columns(before, after, indexes)
	return p, err
}

// columns returns the fields that differ between before and after. indexes are the indexes of these sites in the new
// snapshot.
func columns(before, after []engine.Site, indexes []int) (map[string]column, error) {
	changed := map[string]column{}
	from, to := reflect.ValueOf(before), reflect.ValueOf(after)
	for _, field := range siteFields() {
		var col column
		values := reflect.Zero(reflect.SliceOf(field.Type))
		last := -1
		for i, index := range indexes {
			a, b := from.Index(i).FieldByIndex(field.Index), to.Index(i).FieldByIndex(field.Index)
			if sameValue(a, b) {
				continue
			}
			col.At, last = append(col.At, index-last), index
			if field.isInt() {
				col.By = append(col.By, b.Int()-a.Int())
			} else {
				values = reflect.Append(values, b)
			}
		}
		if len(col.At) == 0 {
			continue
		}
		if !field.isInt() {
			var err error
			if col.To, err = json.Marshal(values.Interface()); err != nil {
				return nil, fmt.Errorf("control: field %s: %w", field.name, err)
			}
		}
		changed[field.name] = col
	}
	return changed, nil
}

// sameValue reports whether a field has the same value in two sites.
func sameValue(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice {
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
	return a.Equal(b)
}

// errPatch is wrapped by all errors of patch.apply.
var errPatch = errors.New("the patch does not fit")

// apply returns the snapshot that results from a patch of base, without events. It does not change base.
func (p patch) apply(base engine.Snapshot) (engine.Snapshot, error) {
	next := engine.Snapshot{Seq: p.Seq, At: p.At, Status: p.Status}
	if p.Base == 0 {
		next.Sites = p.New
		return next, nil
	}
	if p.Base != base.Seq {
		return next, fmt.Errorf("%w: it is for snapshot %d, and this is %d", errPatch, p.Base, base.Seq)
	}
	next.Sites = make([]engine.Site, 0, len(base.Sites)+len(p.New))
	gone, added := p.Gone, p.New
	for _, site := range base.Sites {
		if len(gone) > 0 && gone[0] == site.Host {
			gone = gone[1:]
			continue
		}
		for len(added) > 0 && added[0].Host < site.Host {
			next.Sites, added = append(next.Sites, added[0]), added[1:]
		}
		next.Sites = append(next.Sites, site)
	}
	next.Sites = append(next.Sites, added...)
	fields := siteFields()
	for name, col := range p.Changed {
		// An unknown field is from a newer version, and ignored.
		if i := slices.IndexFunc(fields, func(f siteField) bool { return f.name == name }); i >= 0 {
			if err := col.apply(next.Sites, fields[i]); err != nil {
				return next, err
			}
		}
	}
	return next, nil
}

// apply sets one field of the sites that have changed.
func (c column) apply(sites []engine.Site, field siteField) error {
	target := reflect.ValueOf(sites)
	values := reflect.New(reflect.SliceOf(field.Type)).Elem()
	count := len(c.By)
	if !field.isInt() {
		if err := json.Unmarshal(c.To, values.Addr().Interface()); err != nil {
			return fmt.Errorf("%w: field %s: %w", errPatch, field.name, err)
		}
		count = values.Len()
	}
	if count != len(c.At) {
		return fmt.Errorf("%w: %d values of %s for %d sites", errPatch, count, field.name, len(c.At))
	}
	index := -1
	for i, step := range c.At {
		if step <= 0 || step >= len(sites)-index {
			return fmt.Errorf("%w: %s of %d sites after number %d of %d", errPatch, field.name, step, index, len(sites))
		}
		index += step
		value := target.Index(index).FieldByIndex(field.Index)
		if field.isInt() {
			value.SetInt(value.Int() + c.By[i])
		} else {
			value.Set(values.Index(i))
		}
	}
	return nil
}
