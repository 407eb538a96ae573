package swarm

import (
	"errors"
	"fmt"
	"io/fs"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// Folder is one folder of the data folder; see disk.Folder.
type Folder = disk.Folder

// FoldersError lists the folders that WriteFolders could not write; see disk.FoldersError.
type FoldersError = disk.FoldersError

// HostPrefix starts the name of a Folder of a site whose infohash is not known; the site's label follows.
const HostPrefix = disk.HostPrefix

// ReadFolders returns all folders of torrents and hosts with their state files, sorted by name.
func (c *Client) ReadFolders() ([]Folder, error) {
	folders, err := c.store.ReadFolders()
	return folders, dataError("read folders", err)
}

// WriteFolders writes State and Torrent of each folder, unless nil. It creates missing folders, and returns when
// everything would survive a power cut. If it fails, each file has its old or its new content, and the other folders
// are written all the same: a *FoldersError in the chain lists the failed ones.
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

// Identity returns 32 hex digits that were generated when the data folder was created. State files with another
// identity come from elsewhere.
func (c *Client) Identity() string { return c.store.Identity() }
