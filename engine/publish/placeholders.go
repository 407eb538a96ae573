package publish

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// documented are secrets from manuals, or that are the same everywhere.
var documented = [][]byte{
	// the only key of Azure's emulator
	[]byte("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="),
	[]byte("hvs.6j4cuewowBGit65rheNoceI7"),
	[]byte(":AAFD39kkdpWt3ywyRZergyOLMaJhac60qc"), // Telegram's tutorial
	[]byte("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"),
	[]byte("{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="), // Both are Apache's.
}

// sameByte is how many equal bytes in a row make a placeholder, as in ghp_xxxxxxxxxxxx.
const sameByte = 8

var digit = lazyRegexp(`[0-9]`)

func isAnything([]byte) bool { return true }

// isNoExample reports whether a text is not a placeholder of manuals and templates.
func isNoExample(match []byte) bool {
	lower := bytes.ToLower(match)
	for _, word := range []string{"example", "your-", "your_", "placeholder"} {
		if bytes.Contains(lower, []byte(word)) {
			return false
		}
	}
	if slices.ContainsFunc(documented, func(known []byte) bool { return bytes.Contains(match, known) }) {
		return false
	}
	run := 1
	for i := 1; i < len(match) && run < sameByte; i++ {
		run++
		if match[i] != match[i-1] || !isWordByte(match[i]) {
			run = 1
		}
	}
	return run < sameByte
}

// isRandom reports whether a text has upper case, lower case and digits, as nearly all generated ones have.
func isRandom(match []byte) bool {
	return isNoExample(match) && digit().Match(match) && bytes.ContainsFunc(match, unicode.IsUpper) &&
		bytes.ContainsFunc(match, unicode.IsLower)
}

// variable is what templates and programs have in the place of a password: ${PASS}, {{ pass }}, $pass, %s, DB_PASS, **.
var variable = lazyRegexp(`[{}()\[\]]|^[$#]|%(?:[^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)|^[A-Z_]+$|^\*+$`)

// isRealDatabase reports whether the URL of a database, scheme://user:password@host, has a password that is probably
// in use. Manuals and templates are full of such URLs.
func isRealDatabase(match []byte) bool {
	_, rest, _ := strings.Cut(string(match), "://")
	user, rest, _ := strings.Cut(rest, ":")
	password, host, _ := strings.Cut(rest, "@")
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	switch {
	case len(password) < 6 || strings.EqualFold(password, user) || !isNoExample(match):
		return false
	case variable().MatchString(password) || strings.Trim(password, password[:1]) == "":
		return false
	case strings.ContainsAny(host, "{}$<>%*") || slices.Contains([]string{"host", "hostname", "server"}, name):
		return false
	}
	lower := strings.ToLower(password)
	for _, word := range []string{
		"pass", "ssw0rd", "secret", "changeme", "change-me", "change_me", "your", "foobared", "redacted",
	} {
		if strings.Contains(lower, word) {
			return false
		}
	}
	// A password for one machine, or for a network of containers, is often meant for trying something out.
	if !strings.Contains(name, ".") || isLocal(name) {
		return len(password) >= 8 && digit().MatchString(lower) && strings.ContainsFunc(lower, unicode.IsLower)
	}
	return true
}
