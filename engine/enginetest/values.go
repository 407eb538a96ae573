package enginetest

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

func detailIsComplete(t *testing.T, h Harness) {
	add(t, h, h.Fetchable)
	site := waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	d, err := h.Engine.Detail(t.Context(), h.Fetchable)
	if err != nil {
		t.Fatal(err)
	}
	if d.Site.Host != site.Host || d.Name == "" || len(d.Files) != site.Files || len(d.Log) == 0 {
		t.Fatalf("the detail is %+v", d)
	}
	var size int64
	for _, f := range d.Files {
		size += f.Size
		if f.Path == "" || f.Completed != f.Size {
			t.Fatalf("a file of a complete site is %+v", f)
		}
	}
	if size != site.Size {
		t.Fatalf("the files have %d bytes, the site %d", size, site.Size)
	}
	pieces := 0
	for _, r := range d.Pieces.Runs {
		pieces += r.Count
		if r.State != engine.PieceComplete {
			t.Fatalf("a complete site has %+v", r)
		}
	}
	copies := 0
	for _, r := range d.Pieces.Copies {
		copies += r.Count
	}
	if len(d.Pieces.Copies) > 0 && copies != pieces {
		t.Fatalf("of %d pieces the copies of %d are told: %+v", pieces, copies, d.Pieces.Copies)
	}
	if pieces == 0 || pieces != d.Pieces.Count || d.Pieces.Length <= 0 {
		t.Fatalf("the pieces are %+v", d.Pieces)
	}
}

func limitsShow(t *testing.T, h Harness) {
	want := engine.Limits{Down: 123_000, Up: 45_000}
	if err := h.Engine.SetLimits(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	waitForSnapshot(t, h, "the limits", func(s engine.Snapshot) bool { return s.Status.Limits == want })
	wantKind(t, h.Engine.SetLimits(t.Context(), engine.Limits{Down: -1}), engine.Invalid)
}

// valuesSurviveJSON: every value that an engine returns is the same after a round trip through JSON.
func valuesSurviveJSON(t *testing.T, h Harness) {
	add(t, h, h.Fetchable)
	add(t, h, h.Unseeded)
	do(t, h, engine.Pin, h.Unseeded)
	waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	d, err := h.Engine.Detail(t.Context(), h.Fetchable)
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, d)
	roundTrip(t, waitForSnapshot(t, h, "a snapshot", func(s engine.Snapshot) bool { return len(s.Events) > 0 }))
}

func roundTrip[T any](t *testing.T, in T) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("%T changed on the way through JSON (-before +after):\n%s", in, diff)
	}
}

func textsAreClean(t *testing.T, h Harness) {
	add(t, h, "magnet:?xt=urn:btih:"+h.Unseeded+"&dn=%1b%5D0;evil%07%E2%80%AEtxt")
	s := waitForSnapshot(t, h, "the site", func(s engine.Snapshot) bool { _, ok := findSite(s, h.Unseeded); return ok })
	CheckClean(t, s)
	d, err := h.Engine.Detail(t.Context(), h.Unseeded)
	if err != nil {
		t.Fatal(err)
	}
	CheckClean(t, d)
}

// CheckClean fails the test for each string in v, at any depth, that engine.Clean would change.
func CheckClean(t *testing.T, v any) {
	t.Helper()
	checkClean(t, reflect.ValueOf(v), reflect.TypeOf(v).Name())
}

func checkClean(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); engine.Clean(s) != s {
			t.Errorf("%s is not clean: %q", path, s)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[engine.Time]() {
			return
		}
		for i := range v.NumField() {
			checkClean(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkClean(t, v.Index(i), path+"[]")
		}
	default: // numbers and switches have no text
	}
}
