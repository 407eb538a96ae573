package control

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

// applyPatch returns base after the patch to next was encoded, decoded and applied.
func applyPatch(t *testing.T, base, next engine.Snapshot) engine.Snapshot {
	t.Helper()
	p, err := diff(base, next)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q patch
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	got, err := q.apply(base)
	if err != nil {
		t.Fatalf("apply: %v\n%s", err, data)
	}
	return got
}

// TestPatchCoversEveryField changes each field of a site alone.
func TestPatchCoversEveryField(t *testing.T) {
	sites := []engine.Site{{Host: "a.example"}, {Host: "b.example", Size: -1}, {Host: "c.example"}}
	base := engine.Snapshot{Seq: 7, Sites: sites}
	for _, index := range fieldIndexes(reflect.TypeFor[engine.Site]()) {
		field := reflect.TypeFor[engine.Site]().FieldByIndex(index)
		if field.Name == "Host" {
			continue // It is which site it is.
		}
		next := engine.Snapshot{Seq: 8, Sites: append([]engine.Site{}, sites...)}
		value := reflect.ValueOf(&next.Sites[1]).Elem().FieldByIndex(index)
		switch {
		case value.Kind() == reflect.String:
			value.SetString("other <&> ä")
		case value.Kind() == reflect.Bool:
			value.SetBool(true)
		case value.CanInt():
			value.SetInt(-(1 << 40))
		case value.Type() == reflect.TypeFor[engine.Time]():
			value.Set(reflect.ValueOf(engine.At(time.Unix(1, 2))))
		case value.Type() == reflect.TypeFor[[]string]():
			value.Set(reflect.ValueOf([]string{"a", "b"}))
		default:
			t.Fatalf("field %s is of a kind that this test does not know", field.Name)
		}
		if diff := cmp.Diff(next, applyPatch(t, base, next)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field.Name, diff)
		}
		if diff := cmp.Diff(sites[1], base.Sites[1]); diff != "" {
			t.Errorf("%s: the base has changed:\n%s", field.Name, diff)
		}
		if p, err := diff(base, next); err != nil || len(p.Changed) != 1 || len(p.New) != 0 {
			t.Errorf("%s: the patch has more than that one field: %+v, %v", field.Name, p, err)
		}
	}
}

// fieldIndexes returns the indexes of all fields. For a field that is a struct, it has the indexes of its fields.
func fieldIndexes(typ reflect.Type) [][]int {
	var all [][]int
	for i := range typ.NumField() {
		if typ.Field(i).Type.Kind() != reflect.Struct || typ.Field(i).Type == reflect.TypeFor[engine.Time]() {
			all = append(all, []int{i})
			continue
		}
		for _, below := range fieldIndexes(typ.Field(i).Type) {
			all = append(all, append([]int{i}, below...))
		}
	}
	return all
}

// TestPatchRoundTrip applies patches between random lists of sites.
func TestPatchRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	base := engine.Snapshot{}
	for seq := range uint64(300) {
		next := engine.Snapshot{Seq: seq + 1, At: engine.At(time.Unix(int64(seq), 0)), Status: engine.Status{Peers: int(seq)}}
		for i := range 20 {
			if rng.IntN(3) == 0 {
				continue
			}
			site := engine.Site{Host: fmt.Sprintf("%02d.example", i), State: engine.Seeding, Size: 5}
			if rng.IntN(2) == 0 {
				site.UpRate, site.Title, site.Pinned = rng.Int64N(1000), fmt.Sprint(rng.IntN(3)), true
				site.ExpiresAt = engine.At(time.Unix(rng.Int64N(5), 0))
				site.Labels = [][]string{{}, {"a"}, {"a", "b"}}[rng.IntN(3)]
			}
			next.Sites = append(next.Sites, site)
		}
		got := applyPatch(t, base, next)
		if len(got.Sites) == 0 && len(next.Sites) == 0 {
			got.Sites = next.Sites // Empty or nil is the same list.
		}
		if diff := cmp.Diff(next, got); diff != "" {
			t.Fatalf("step %d (-want +got):\n%s", seq, diff)
		}
		base = next
	}
}

func TestPatchRejectsInvalid(t *testing.T) {
	base := engine.Snapshot{Seq: 3, Sites: []engine.Site{{Host: "a.example"}}}
	for name, text := range map[string]string{
		"another base":  `{"base":2,"seq":4}`,
		"no such site":  `{"base":3,"seq":4,"changed":{"peers":{"at":[2],"by":[1]}}}`,
		"backwards":     `{"base":3,"seq":4,"changed":{"peers":{"at":[1,-1],"by":[1,1]}}}`,
		"too few":       `{"base":3,"seq":4,"changed":{"peers":{"at":[1],"by":[]}}}`,
		"no list":       `{"base":3,"seq":4,"changed":{"title":{"at":[1],"to":"x"}}}`,
		"of other kind": `{"base":3,"seq":4,"changed":{"title":{"at":[1],"to":[1]}}}`,
		"missing":       `{"base":3,"seq":4,"changed":{"title":{"at":[1]}}}`,
	} {
		var p patch
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		if got, err := p.apply(base); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	var newer patch
	text := `{"base":3,"seq":4,"changed":{"mood":{"at":[1],"to":["good"]}}}`
	if err := json.Unmarshal([]byte(text), &newer); err != nil {
		t.Fatal(err)
	}
	if got, err := newer.apply(base); err != nil || len(got.Sites) != 1 {
		t.Errorf("a field of a newer version: %+v, %v", got, err)
	}
}

// FuzzPatch promises that any patch results in an error or a snapshot, and that it does not change its base.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"base":0,"seq":1,"new":[{"host":"a.example"}]}`))
	f.Add([]byte(`{"base":3,"seq":4,"gone":["a.example"],` +
		`"changed":{"peers":{"at":[1],"by":[1]},"title":{"at":[1],"to":["x"]}}}`))
	base := engine.Snapshot{Seq: 3, Sites: []engine.Site{{Host: "a.example"}, {Host: "b.example"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p patch
		if json.Unmarshal(data, &p) != nil {
			return
		}
		if _, err := p.apply(base); err != nil {
			return
		}
		if !engine.SameSite(&base.Sites[0], &engine.Site{Host: "a.example"}) ||
			!engine.SameSite(&base.Sites[1], &engine.Site{Host: "b.example"}) {
			t.Fatalf("the base has changed: %+v", base)
		}
	})
}

// TestPatchCacheSharesEncodedPatches promises that equal patches to the newest snapshot share their bytes, and that
// all patches are correct.
func TestPatchCacheSharesEncodedPatches(t *testing.T) {
	snapshots := make([]engine.Snapshot, 4)
	for i := range snapshots {
		snapshots[i] = engine.Snapshot{Seq: uint64(i), Sites: []engine.Site{{Host: "a.example", Peers: i}}}
	}
	var p patchCache
	for _, step := range [][2]int{{0, 2}, {1, 2}, {1, 2}, {2, 3}, {1, 2}, {0, 3}, {2, 3}} {
		data, err := p.encode(snapshots[step[0]], snapshots[step[1]])
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.encode(snapshots[step[0]], snapshots[step[1]])
		if err != nil {
			t.Fatal(err)
		}
		if newest := uint64(step[1]) == p.seq; newest != (&data[0] == &again[0]) {
			t.Errorf("%v: shared %t, want %t", step, !newest, newest)
		}
		var got patch
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if s, err := got.apply(snapshots[step[0]]); err != nil || !cmp.Equal(s, snapshots[step[1]]) {
			t.Errorf("%v: %+v, %v", step, s, err)
		}
	}
}
