package engine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// MaxMetainfoSize is the maximum size of a .torrent file, in bytes.
const MaxMetainfoSize = 16 << 20

// NewAddRequest returns the AddRequest for what a person typed. It reads a .torrent file (a path, with a leading ~/ or
// as a file: URL) on the machine of the caller, because the engine may run on another one. Everything else becomes the
// Address. Kind Invalid if the file cannot be read or is too large.
func NewAddRequest(input string) (AddRequest, error) {
	addr, err := ParseAddress(input)
	if err != nil {
		return AddRequest{}, err
	}
	if addr.TorrentFile == "" {
		return AddRequest{Address: input}, nil
	}
	path := addr.TorrentFile
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return AddRequest{}, &Error{
			Op: "open torrent file", Kind: Invalid, Msg: Clean(fmt.Sprintf("cannot read %s: check the path", path)), Err: err,
		}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxMetainfoSize+1))
	switch {
	case err != nil:
		return AddRequest{}, &Error{
			Op: "read torrent file", Kind: Invalid, Msg: Clean("cannot read " + path + ": check what it is"), Err: err,
		}
	case len(data) == 0:
		return AddRequest{}, &Error{Op: "read torrent file", Kind: Invalid, Msg: Clean(path) + " is empty: check the file"}
	case len(data) > MaxMetainfoSize:
		return AddRequest{}, &Error{
			Op: "read torrent file", Kind: TooLarge, Msg: Clean(path) + " is over 16 MiB: that is not a site's .torrent file",
		}
	}
	return AddRequest{Metainfo: data}, nil
}
