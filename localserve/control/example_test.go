package control_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

// One process serves an engine; another one calls Dial, and uses it as an engine.Engine.
func Example() {
	dir, err := os.MkdirTemp(enginetest.ShortDirParent(), "wtp")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "control.sock")

	// The process that keeps the sites.
	eng := fake.New(fake.Options{Scripts: []fake.Script{{Host: "docs.example", Title: "Example Docs"}}})
	defer eng.Close()
	ln, err := control.Listen(socket)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- control.Serve(ctx, ln, eng, slog.New(slog.DiscardHandler)) }()

	// Any other process of the same person.
	client, err := control.Dial(ctx, socket)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("pin:", client.Do(ctx, engine.Pin, "docs.example"))
	detail, err := client.Detail(ctx, "docs.example")
	fmt.Println("detail:", detail.Site.Title, detail.Site.Pinned, err)
	err = client.Do(ctx, engine.Pin, "shop.example")
	fmt.Println("pin another:", engine.KindOf(err), engine.Message(err))

	fmt.Println("close:", client.Close())
	stop()
	fmt.Println("served:", <-served)
	// Output:
	// pin: <nil>
	// detail: Example Docs true <nil>
	// pin another: not_found there is no such site here: add it first
	// close: <nil>
	// served: <nil>
}
