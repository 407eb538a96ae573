package register

import "strings"

// appletScript returns the source of a macOS applet that runs words, with the address of a link as one more argument.
func appletScript(words []string) string {
	var quoted []string
	for _, w := range words {
		// First for the shell, then for AppleScript.
		w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		quoted = append(quoted, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w))
	}
	return "on open location address\n" +
		"\tdo shell script \"" + strings.Join(quoted, " ") + " \" & quoted form of address\n" +
		"end open location\n"
}
