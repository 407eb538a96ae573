package store_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"wtptui/store"
)

// What is written is on the disk when the method returns, and is there when the database is opened again.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "wtp")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path, log := filepath.Join(dir, "wtptui.db"), slog.New(slog.DiscardHandler)

	db, report, err := store.Open(path, log)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("new:", report.New)
	err = db.PutSites(store.Site{Host: "docs.example", Pinned: true, Flags: store.Flags{NoClearnet: true}})
	fmt.Println("put:", err)
	fmt.Println("close:", db.Close())

	db, report, err = store.Open(path, log)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	sites, err := db.Sites()
	fmt.Println("new:", report.New, "sites:", len(sites), sites[0].Host, sites[0].NoClearnet, err)
	// Output:
	// new: true
	// put: <nil>
	// close: <nil>
	// new: false sites: 1 docs.example true <nil>
}
