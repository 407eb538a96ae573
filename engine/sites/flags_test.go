package sites

import (
	"reflect"
	"testing"

	"wtptui/engine"
	"wtptui/store"
)

// The compiler checks that the flags of the contract and of the store have the same fields. Their JSON names have to be
// the same too, and the store omits those that are not set.
func TestFlagsHaveOneNameInJSON(t *testing.T) {
	here, kept := reflect.TypeFor[engine.Flags](), reflect.TypeFor[store.Flags]()
	for i := range here.NumField() {
		want := here.Field(i).Tag.Get("json") + ",omitempty"
		if got := kept.Field(i).Tag.Get("json"); got != want {
			t.Errorf("%s is kept as %q, want %q", here.Field(i).Name, got, want)
		}
	}
}

// No flag is lost where two rows are joined, and where a site is restored from a backup.
func TestFlagsSurviveJoinAndRestore(t *testing.T) {
	for i := range reflect.TypeFor[store.Flags]().NumField() {
		var set store.Site
		reflect.ValueOf(&set.Flags).Elem().Field(i).SetBool(true)
		saved := restorable{siteEntry: siteEntry{Site: set}}
		for what, got := range map[string]store.Site{
			"joined": mergeProtection(set, store.Site{}), "joined the other way": mergeProtection(store.Site{}, set),
			"restored": saved.row(set.AddedAt, 0),
		} {
			if got.Flags != set.Flags {
				t.Errorf("%s: %+v instead of %+v", what, got.Flags, set.Flags)
			}
		}
	}
}
