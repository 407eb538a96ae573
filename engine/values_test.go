package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every field of what is told is filled with something and has to come out of JSON as it went in; a pointer, an
// interface, a map or a field without a name in JSON has no place there.
func TestContractHasOnlyValues(t *testing.T) {
	for _, v := range []any{
		new(Snapshot), new(Detail), new(AddRequest), new(Limits), new(Home), new(HomeTracker), new(Assignment), new(Binned),
		new(Name),
		new(PublishRequest), new(PublishProgress), new(Publication), new(Reach), new(ExportRequest),
	} {
		n := 0
		fill(t, reflect.ValueOf(v).Elem(), reflect.TypeOf(v).Elem().Name(), &n)
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if err := json.Unmarshal(data, out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, out); diff != "" {
			t.Errorf("%T changed on the way through JSON (-before +after):\n%s", v, diff)
		}
	}
}

func fill(t *testing.T, v reflect.Value, path string, n *int) {
	t.Helper()
	*n++
	switch {
	case v.Type() == reflect.TypeFor[Time]():
		v.Set(reflect.ValueOf(At(time.Unix(int64(*n), 123456789))))
		return
	case v.Type() == reflect.TypeFor[[]byte]():
		v.SetBytes([]byte{byte(*n)})
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), path+"[]", n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.Anonymous && f.Tag.Get("json") == "" {
				t.Errorf("%s.%s has no name in JSON", path, f.Name)
			}
			fill(t, v.Field(i), path+"."+f.Name, n)
		}
	default:
		t.Errorf("%s is a %s, not a value", path, v.Kind())
	}
}

func TestTimeNone(t *testing.T) {
	data, err := json.Marshal(Site{})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	if v, ok := m["expires_at"]; !ok || v != nil {
		t.Errorf("no time is %v in JSON, want null", v)
	}
	if At(time.Time{}) != (Time{}) || !At(time.Time{}).IsZero() {
		t.Error("the zero time.Time is a moment")
	}
}

func TestMissingPageURL(t *testing.T) {
	for page, want := range map[string]string{
		"/": "http://a.localhost/", "/b/c d.html?e=f": "http://a.localhost/b/c%20d.html?e=f", "": "http://a.localhost/",
		"/javascript:alert(1)": "http://a.localhost/javascript:alert%281%29",
		"//evil.example/":      "http://a.localhost/evil.example/",
		"/ü#x":                 "http://a.localhost/%C3%BC%23x",
	} {
		s := Site{LocalURL: "http://a.localhost/", MissingParts: 1, MissingPage: page}
		if got := s.MissingPageURL(); got != want {
			t.Errorf("%q: %q, want %q", page, got, want)
		}
	}
	unserved := Site{MissingParts: 1, MissingPage: "/"}
	complete := Site{LocalURL: "http://a.localhost/"}
	if got := unserved.MissingPageURL() + complete.MissingPageURL(); got != "" {
		t.Errorf("where there is none: %q", got)
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("no such\x1b file")
	err := fmt.Errorf("cmd: %w", &Error{Op: "sites: pin", Host: "a.b", Kind: NotFound, Msg: "add it first", Err: cause})
	if KindOf(err) != NotFound || KindOf(nil) != None || KindOf(cause) != Internal {
		t.Error("KindOf is wrong")
	}
	if got := Message(err); got != "add it first" {
		t.Errorf("Message: %q", got)
	}
	if got := Message(cause); got != "no such file" {
		t.Errorf("Message: %q", got)
	}
	if got, want := err.Error(), "cmd: sites: pin: a.b: add it first: no such\x1b file"; got != want {
		t.Errorf("Error: %q", got)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}
