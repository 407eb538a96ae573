package publish

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"wtptui/engine"
)

// repositories are the folders in which version control systems keep the whole history of a folder.
var repositories = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".bzr": true, ".fossil": true, "CVS": true, "_darcs": true,
}

// secretNames are names of files and folders that usually hold secrets, in lower case.
var secretNames = map[string]bool{
	".env": true, ".ssh": true, ".gnupg": true, ".aws": true, ".azure": true, ".kube": true, ".docker": true,
	".netrc": true, "_netrc": true, ".npmrc": true, ".yarnrc": true, ".pypirc": true, ".pgpass": true, ".htpasswd": true,
	".git-credentials": true, ".vault-token": true, "id_rsa": true, "id_dsa": true, "id_ecdsa": true, "id_ed25519": true,
	"wp-config.php": true, "terraform.tfstate": true,
}

// secretSuffixes are the file name suffixes of key stores.
var secretSuffixes = []string{".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".agekey"}

// leftovers are files that editors, systems and tools leave behind, in lower case.
var leftovers = map[string]bool{
	".ds_store": true, "thumbs.db": true, "ehthumbs.db": true, "desktop.ini": true, "__macosx": true, "$recycle.bin": true,
	"system volume information": true, "lost+found": true, "node_modules": true, ".idea": true, ".vscode": true,
	".cache": true,
}

// badName is the code of a path that cannot be in a torrent because of its name.
const badName = "bad-name"

// checkName returns what is wrong with a file or folder because of its name; an empty code if nothing is.
func checkName(name string) (code string, choice engine.Choice, why string) {
	base := path.Base(name)
	lower := strings.ToLower(base)
	dotted := strings.HasPrefix(base, ".")
	switch {
	case !utf8.ValidString(name):
		return badName, engine.ChoiceRefuse,
			"its name is not valid UTF-8, which a torrent requires: rename it, or leave it out"
	case repositories[base]:
		return "repository", engine.ChoiceLeaveOut,
			"it holds the folder's whole history, with everything that was ever deleted from it"
	case secretNames[lower] || strings.HasPrefix(lower, ".env."):
		choice := engine.ChoiceRefuse
		if dotted {
			choice = engine.ChoiceLeaveOut
		}
		return "secret", choice, "files of this name hold passwords or keys, and what is published cannot be taken back"
	case hasSuffix(lower, secretSuffixes):
		return "secret", engine.ChoiceRefuse, "it is a store of keys, and what is published cannot be taken back"
	case leftovers[lower] || isEditorFile(base):
		return "leftover", engine.ChoiceLeaveOut, "an editor, a tool or the system left it behind"
	case dotted && name != ".well-known":
		return "dotfile", engine.ChoiceLeaveOut,
			"files whose names begin with a dot are settings of programs and rarely meant for visitors"
	}
	return "", "", ""
}

func hasSuffix(s string, suffixes []string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

// isEditorFile reports whether a name is that of a backup, a swap file or a lock.
func isEditorFile(base string) bool {
	return strings.HasSuffix(base, "~") || strings.HasSuffix(base, ".swp") || strings.HasSuffix(base, ".swo") ||
		len(base) > 2 && strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#")
}

// windowsDevices are device names that no file on Windows may have, whatever follows the first dot.
var windowsDevices = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true}

// fitsWindows reports whether Windows can have a file of that name.
func fitsWindows(base string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(base), ".")
	stem = strings.TrimRight(stem, " ")
	if windowsDevices[stem] {
		return false
	}
	isPort := strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")
	if len(stem) == 4 && isPort && stem[3] >= '1' && stem[3] <= '9' {
		return false
	}
	if strings.HasSuffix(base, ".") || strings.HasSuffix(base, " ") || len(base) > 255 {
		return false
	}
	return !strings.ContainsFunc(base, func(r rune) bool { return r < 0x20 || strings.ContainsRune(`<>:"\|?*`, r) })
}

// checkNames finds names that other systems cannot have: those that differ only by case or by the encoding of a
// character, and those that are not allowed on Windows.
func (c *check) checkNames() {
	seen := map[string]string{} // paths by their form on a system that ignores case
	checked := map[string]bool{}
	for _, file := range c.plan.Files {
		for end := 0; end < len(file.Path); end++ {
			next := strings.IndexByte(file.Path[end:], '/')
			if next < 0 {
				next = len(file.Path) - end
			}
			end += next
			part := file.Path[:end]
			if checked[part] {
				continue
			}
			checked[part] = true
			if !fitsWindows(path.Base(part)) {
				c.addFinding(
					part, "windows-name", engine.ChoiceNote,
					"Windows cannot hold a file of this name: torrent clients there rename it or leave it out",
				)
			}
			key := norm.NFC.String(strings.ToLower(part))
			if other, clash := seen[key]; clash && path.Dir(other) == path.Dir(part) {
				c.addFinding(
					part, "case-clash", engine.ChoiceRefuse,
					fmt.Sprintf(
						"it differs from %s by case or spelling alone: clients on Windows and macOS can keep only one of the two",
						engine.Clean(other),
					),
				)
				continue
			}
			seen[key] = part
		}
	}
}
