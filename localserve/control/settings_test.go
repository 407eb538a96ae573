package control_test

import (
	"reflect"
	"testing"

	"wtptui/engine"
	"wtptui/localserve/control"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	want := []control.Setting{{Name: "listen", Values: []string{"127.0.0.1:7780"}}, {Name: "stun", Values: []string{}}}
	path := serveProgram(t, control.Program{Settings: func() []control.Setting { return want }})
	got, err := dial(t, path).Settings(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, err := dial(t, serveProgram(t, control.Program{})).Settings(t.Context()); engine.KindOf(err) != engine.Refused {
		t.Errorf("without settings: %v", err)
	}
}
