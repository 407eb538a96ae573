package disk

import (
	"encoding/hex"
	"io/fs"
	"strconv"
	"strings"
)

// HostPrefix begins the name of the folder of a site whose infohash is not known; the site's label (see engine.Label)
// follows.
const HostPrefix = "host-"

// What else lies in the data folder. Names that are none of these are somebody else's, and left alone.
const (
	// stagePrefix and a number are the name of what is put together here; New deletes what a kill has left of it. A
	// probe of the swarm has a word more.
	stagePrefix, probeInfix = "incoming-", "probe-"
	// deletedPrefix and the old name are a folder that is being deleted; New goes on with it.
	deletedPrefix = "deleted-"
	// replacedPrefix and an infohash are what Stage.Commit has put something else in place of; New puts that in order.
	replacedPrefix = "replaced-"
	identityFile   = "identity"
)

// What lies in the folder of a torrent beside its numbered files.
const (
	stateFile   = "site.json"
	torrentFile = "site.torrent"
	// newSuffix is added to the name of a state file while it is written.
	newSuffix = ".writing"
	// copyPrefix and a number are the name of a copy that is not shared any more, while it is made.
	copyPrefix = "copy-"
)

func parseInfohash(name string) (infohash [20]byte, ok bool) {
	if len(name) != 2*len(infohash) {
		return infohash, false
	}
	_, err := hex.Decode(infohash[:], []byte(name))
	return infohash, err == nil && hex.EncodeToString(infohash[:]) == name
}

// isFolderName reports whether a folder of that name is the folder of a torrent or host.
func isFolderName(name string) bool {
	if label, ok := strings.CutPrefix(name, HostPrefix); ok {
		return label != "" && len(label) <= 63 && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	}
	_, ok := parseInfohash(name)
	return ok
}

// isStageName reports whether something is what was put together here, or an identity that was being written.
func isStageName(name string) bool {
	rest, ok := strings.CutPrefix(name, stagePrefix)
	return ok && isNumber(strings.TrimPrefix(rest, probeInfix))
}

// isDeletedName reports whether something is a folder that was being deleted.
func isDeletedName(name string) bool {
	old, ok := strings.CutPrefix(name, deletedPrefix)
	if !ok || isFolderName(old) {
		return ok
	}
	i := strings.LastIndexByte(old, '-')
	return i > 0 && isNumber(old[i+1:]) && isFolderName(old[:i])
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isData reports whether an entry of a torrent's folder is a file of the torrent.
func isData(e fs.DirEntry) bool {
	i, err := strconv.Atoi(e.Name())
	return err == nil && i >= 0 && strconv.Itoa(i) == e.Name() && e.Type().IsRegular()
}

// isTemporary reports whether an entry of a torrent's folder is a file that was being written and never got its name.
func isTemporary(e fs.DirEntry) bool {
	number, isCopy := strings.CutPrefix(e.Name(), copyPrefix)
	return e.Type().IsRegular() &&
		(isCopy && isNumber(number) || e.Name() == stateFile+newSuffix || e.Name() == torrentFile+newSuffix)
}

// isState reports whether an entry of a torrent's folder is a state file.
func isState(e fs.DirEntry) bool {
	return e.Type().IsRegular() && (e.Name() == stateFile || e.Name() == torrentFile)
}
