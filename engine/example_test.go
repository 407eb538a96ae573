package engine_test

import (
	"fmt"
	"time"

	"wtptui/engine"
)

// What people type, and what it means. What nobody can open is refused with what to type instead.
func ExampleParseAddress() {
	for _, typed := range []string{
		"wtp://Example.org/notes/?q=1#top",
		"example.org",
		"magnet:?xt=urn:btih:2705a338bb5332457ab08d729f811b9fb7b58788&dn=Example",
		"http://docs-example.localhost:7780/guide.html",
		"https://example.org/about",
	} {
		a, err := engine.ParseAddress(typed)
		if err != nil {
			fmt.Println(engine.KindOf(err), engine.Message(err))
			continue
		}
		fmt.Println(a)
	}
	// Output:
	// wtp://example.org/notes/?q=1#top
	// wtp://example.org/
	// wtp://2705a338bb5332457ab08d729f811b9fb7b58788/
	// wtp://docs.example/guide.html
	// invalid that is a web address; as a wtp site it would be wtp://example.org/about
}

// Each host has one label below localhost, and so an origin of its own in the browser.
func ExampleOriginLabel() {
	for _, host := range []string{
		"example.org", "my-site.example.org", "a-very-long-name-that-no-dns-label-has-room-for.example.org",
	} {
		label := engine.OriginLabel(host)
		back, ok := engine.HostFromOriginLabel(label)
		fmt.Println(label, back, ok)
	}
	// Output:
	// example-org example.org true
	// my--site-example-org my-site.example.org true
	// xdy75xlqqncimiq7nfwmp7sbnoob5l4ygssymddrianprcdws2lq  false
}

// A person names a site by its title, or by the beginning of its host.
func ExampleFindHost() {
	sites := []engine.Site{
		{Host: "docs.example", Title: "Example Docs"},
		{Host: "2705a338bb5332457ab08d729f811b9fb7b58788", Title: "Garden notes"},
	}
	for _, name := range []string{"garden notes", "docs", "wtp://docs.example/", "shop"} {
		host, err := engine.FindHost(name, engine.Candidates(sites))
		fmt.Printf("%s: %q, error %q\n", name, host, engine.KindOf(err))
	}
	// Output:
	// garden notes: "2705a338bb5332457ab08d729f811b9fb7b58788", error ""
	// docs: "docs.example", error ""
	// wtp://docs.example/: "docs.example", error ""
	// shop: "", error "not_found"
}

// Text from outside is cleaned where it enters, so that nobody who shows it has to think of it.
func ExampleClean() {
	fmt.Println(engine.Clean("nice\x1b[2J \u202etitle\n here"))
	// Output:
	// nice[2J title here
}

// A verb knows how it is taken back, and what it does to the flags of a site.
func ExampleFlags_Apply() {
	before := engine.Flags{}
	after := before.Apply(engine.NoClearnet)
	fmt.Println(after.NoClearnet, after.Apply(engine.NoClearnet.Inverse()) == before)
	// Output:
	// true true
}

// A schedule that begins on Friday evening still holds on Saturday morning.
func ExampleSchedules_At() {
	days, err := engine.ParseDays([]string{"mon-fri"})
	if err != nil {
		fmt.Println(err)
		return
	}
	nights := engine.Schedules{{
		Name: "night", Days: days, From: 22 * time.Hour, To: 6 * time.Hour, Down: engine.LimitUnchanged, Up: 0,
	}}
	saturday := time.Date(2026, time.March, 14, 3, 0, 0, 0, time.UTC)
	s, until, holds := nights.At(saturday)
	fmt.Println(s.Name, holds, until.Format("Mon 15:04"))
	// Output:
	// night true Sat 06:00
}
