package swarm

import (
	"errors"
	"fmt"
	"io/fs"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// Folder is what lies in one folder of the data folder; see disk.Folder.
type Folder = disk.Folder

// FoldersError says which folders WriteFolders could not write; see disk.FoldersError.
type FoldersError = disk.FoldersError

// HostPrefix begins the name of a Folder of a site whose infohash is not known; the site's label follows.
const HostPrefix = disk.HostPrefix

// ReadFolders returns all folders of torrents and hosts, sorted by name, with what they say of themselves.
func (c *Client) ReadFolders() ([]Folder, error) {
	folders, err := c.store.ReadFolders()
	return folders, dataError("read folders", err)
}

// WriteFolders writes State and Torrent, each unless it is nil, of folders that may not be there yet. It returns when
// all of it would survive a power cut. When it fails, each file is what it was or what it was to be, and folders that
// nothing is wrong with are written all the same: a *FoldersError in the chain says which ones are not.
func (c *Client) WriteFolders(folders []Folder) error {
	return dataError("write folders", c.store.WriteFolders(folders))
}

// DeleteFolder deletes a folder of a host, or the data of a torrent as Delete does.
func (c *Client) DeleteFolder(name string) error {
	err := c.store.DeleteFolder(name)
	if errors.Is(err, fs.ErrInvalid) {
		msg := fmt.Sprintf("%q is not the name of a site's folder", engine.Clean(name))
		return opError("delete", engine.Invalid, msg, err)
	}
	return dataError("delete", err)
}

// Identity returns 32 hex digits that were made when the data folder was. State files that were written under another
// one came from elsewhere.
func (c *Client) Identity() string { return c.store.Identity() }
