package engine

import (
	"reflect"
	"slices"
	"testing"
)

// Each verb is described, and what takes it back is a verb.
func TestVerbs(t *testing.T) {
	for _, v := range Verbs() {
		if v.Help() == "" || v.PastTense() == "" {
			t.Errorf("%s is not described", v)
		}
		if back := v.Inverse(); back != "" && !slices.Contains(Verbs(), back) {
			t.Errorf("%s is taken back by %q, which is not a verb", v, back)
		}
	}
	if v := Verb("dance"); v.Help() != "" || v.Inverse() != "" || (Flags{}).Apply(v) != (Flags{}) {
		t.Error("what is not a verb is described")
	}
}

// Each flag is set by one verb and cleared by that verb's inverse, and neither touches another flag.
func TestEachFlagHasTwoVerbs(t *testing.T) {
	fields := reflect.TypeFor[Flags]()
	for i := range fields.NumField() {
		var set, all Flags
		reflect.ValueOf(&set).Elem().Field(i).SetBool(true)
		for j := range fields.NumField() {
			reflect.ValueOf(&all).Elem().Field(j).SetBool(true)
		}
		others := all
		reflect.ValueOf(&others).Elem().Field(i).SetBool(false)
		setting := slices.DeleteFunc(Verbs(), func(v Verb) bool { return Flags{}.Apply(v) != set })
		if len(setting) != 1 {
			t.Errorf("%s is set by %v, not by one verb", fields.Field(i).Name, setting)
			continue
		}
		v := setting[0]
		if got := all.Apply(v.Inverse()); got != others {
			t.Errorf("%s makes %+v of %+v", v.Inverse(), got, all)
		}
		if got := others.Apply(v); got != all {
			t.Errorf("%s makes %+v of %+v", v, got, others)
		}
		if (Flags{}).Or(set) != set || set.Or(Flags{}) != set || set.Or(others) != all {
			t.Errorf("Or does not keep %s", fields.Field(i).Name)
		}
	}
}
