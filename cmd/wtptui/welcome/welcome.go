// Package welcome is the small site that ships inside the program. It is published and pinned at the very first start,
// so that a new dashboard has one site in it, which explains wtp, the keys, and how to give a site a name.
//
// It knows nothing but its files. They use no scripts and nothing from elsewhere, and link to each other relatively, as
// any site in a swarm should.
package welcome

import (
	"embed"
	"io/fs"
)

// Name is the name of the torrent, and the title of the site until its own is known.
const Name = "Welcome to wtp"

//go:embed site
var files embed.FS

// FS returns the site's files, with index.html at its root.
func FS() fs.FS {
	site, err := fs.Sub(files, "site")
	if err != nil {
		panic(err) // The pattern above embeds this folder.
	}
	return site
}
