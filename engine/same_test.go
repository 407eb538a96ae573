package engine

import (
	"reflect"
	"testing"
)

// Two sites that differ in one field are not the same, whichever field it is.
func TestSameSite(t *testing.T) {
	for i := range reflect.TypeFor[Site]().NumField() {
		var a, b Site
		n := 0
		fill(t, reflect.ValueOf(&a).Elem(), "Site", &n)
		b = a
		if !SameSite(&a, &b) {
			t.Fatal("a site is not the same as its copy")
		}
		field := reflect.ValueOf(&b).Elem().Field(i)
		field.SetZero()
		if SameSite(&a, &b) {
			t.Errorf("sites with another %s are the same", reflect.TypeFor[Site]().Field(i).Name)
		}
	}
}

func BenchmarkSameSite(b *testing.B) {
	one := Site{Host: "docs.example", Title: "Example Docs", Labels: []string{"archive", "docs"}}
	other := one
	for b.Loop() {
		if !SameSite(&one, &other) {
			b.Fatal("they differ")
		}
	}
}
