package engine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// MaxMetainfoSize is the largest .torrent file that is read, in bytes.
const MaxMetainfoSize = 16 << 20

// NewAddRequest turns what a person typed into an AddRequest: the path of a .torrent file (a file: URL and a leading ~/
// are understood) is read here, where the person is, so that the engine may run somewhere else. Everything else is
// passed on as it is. Kind Invalid if the file cannot be read or is too large.
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
