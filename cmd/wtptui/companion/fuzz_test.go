package companion

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"wtptui/engine/fake"
)

// Whatever comes in, the host ends with its input, and sends nothing but messages. That it requests nothing from the
// engine but what is allowed follows from its types.
func FuzzHost(f *testing.F) {
	for _, s := range []string{
		`{"id":1,"op":"site","page":"http://docs-example.localhost:7780/"}`, `{"id":2,"op":"shown","origins":["x",""]}`,
		`{"op":"open","text":"\u0000"}`, "{}", "",
	} {
		f.Add(append([]byte{byte(len(s)), 0, 0, 0}, s...))
	}
	e := fake.New(fake.Options{Scripts: testSites()})
	f.Cleanup(func() { e.Close() })
	f.Fuzz(func(t *testing.T, in []byte) {
		out, to := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			h := Host{
				Interval: time.Millisecond,
				Start:    func(context.Context) error { return nil },
				Dial:     func(context.Context) (Engine, error) { return unclosable{e}, nil },
			}
			ended <- h.Serve(t.Context(), strings.NewReader(string(in)), to)
			to.Close()
		}()
		for {
			frame, err := readFrame(out)
			if err != nil {
				break
			}
			if !json.Valid(frame) {
				t.Errorf("it said %q", frame)
			}
		}
		if err := <-ended; err != nil && !errors.Is(err, errCutOff) {
			t.Errorf("it ended with %v", err)
		}
	})
}
