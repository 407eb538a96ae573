// Package welcome is the small site that ships inside the program. It is published and pinned on the very first start,
// so that a new dashboard has one site in it: what wtp is, the keys, and how to give a site a name.
//
// It knows nothing but its files. They use no scripts and nothing from elsewhere, and link to each other relatively, as
// any site that lives in a swarm should.
package welcome

import (
	"embed"
	"io/fs"
)

// Name is the torrent's name, and so the site's title until its own is known.
const Name = "Welcome to wtp"

//go:embed site
var files embed.FS

// FS returns the site's files, index.html at its root.
func FS() fs.FS {
	site, err := fs.Sub(files, "site")
	if err != nil {
		panic(err) // The folder's name is valid: it stands above.
	}
	return site
}
