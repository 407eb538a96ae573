package disk

import (
	"encoding/hex"
	"io/fs"
	"strconv"
	"strings"
)

// HostPrefix begins the name of the folder of a site whose infohash is not known; the site's label (see
// engine.OriginLabel) follows.
const HostPrefix = "host-"

// Other names in the data folder. Anything else is not ours and is never touched.
const (
	// stagePrefix and a number form the name of data that is being published, or of temporary files; New deletes what
	// a crash has left. probeInfix follows in the name of a probe's folder.
	stagePrefix, probeInfix = "incoming-", "probe-"
	// deletedPrefix and the old name form the name of a folder that is being deleted; New continues.
	deletedPrefix = "deleted-"
	// replacedPrefix and an infohash form the name of a folder that Stage.Commit has replaced; New finishes that.
	replacedPrefix = "replaced-"
	identityFile   = "identity"
)

// Names in the folder of a torrent besides its numbered files.
const (
	stateFile   = "site.json"
	torrentFile = "site.torrent"
	// newSuffix is added to the name of a state file while it is written.
	newSuffix = ".writing"
	// copyPrefix and a number form the name of a file while a shared file is being copied.
	copyPrefix = "copy-"
)

func parseInfohash(name string) (infohash [20]byte, ok bool) {
	if len(name) != 2*len(infohash) {
		return infohash, false
	}
	_, err := hex.Decode(infohash[:], []byte(name))
	return infohash, err == nil && hex.EncodeToString(infohash[:]) == name
}

// isFolderName reports whether name is that of a folder of a torrent or host.
func isFolderName(name string) bool {
	if label, ok := strings.CutPrefix(name, HostPrefix); ok {
		return label != "" && len(label) <= 63 && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	}
	_, ok := parseInfohash(name)
	return ok
}

// isStageName reports whether name is that of a stage or of a temporary file.
func isStageName(name string) bool {
	rest, ok := strings.CutPrefix(name, stagePrefix)
	return ok && isNumber(strings.TrimPrefix(rest, probeInfix))
}

// isDeletedName reports whether name is that of a folder that is being deleted.
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

// isTemporary reports whether an entry of a torrent's folder is a temporary file that was never renamed.
func isTemporary(e fs.DirEntry) bool {
	number, isCopy := strings.CutPrefix(e.Name(), copyPrefix)
	return e.Type().IsRegular() &&
		(isCopy && isNumber(number) || e.Name() == stateFile+newSuffix || e.Name() == torrentFile+newSuffix)
}

// isState reports whether an entry of a torrent's folder is a state file.
func isState(e fs.DirEntry) bool {
	return e.Type().IsRegular() && (e.Name() == stateFile || e.Name() == torrentFile)
}
