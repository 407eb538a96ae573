package fake_test

import (
	"context"
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// Time passes only in Step, and the same seed leads to the same states: a test needs no network and does not wait.
func ExampleNew() {
	ctx := context.Background()
	eng := fake.New(fake.Options{Seed: 1, CacheTTL: 10 * time.Minute})
	defer eng.Close()

	site, err := eng.Add(ctx, engine.AddRequest{Address: "wtp://docs.example/"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("at once:", site.State)
	eng.Step(5 * time.Minute)
	detail, err := eng.Detail(ctx, "docs.example")
	fmt.Println("after five minutes:", detail.Site.State, err)
	eng.Step(10 * time.Minute)
	_, err = eng.Detail(ctx, "docs.example")
	fmt.Println("after its cache period:", engine.KindOf(err))
	// Output:
	// at once: resolving
	// after five minutes: seeding <nil>
	// after its cache period: not_found
}
