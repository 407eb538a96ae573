package register

import (
	"slices"
	"strings"
)

// appsList is a mimeapps.list, as lines. Only those about one MIME type are changed.
type appsList struct{ lines []string }

// The groups of the file.
const (
	defaultApps = "[Default Applications]"
	addedApps   = "[Added Associations]"
)

func parseApps(data []byte) *appsList {
	text := strings.TrimSuffix(string(data), "\n")
	if text == "" {
		return &appsList{}
	}
	return &appsList{strings.Split(text, "\n")}
}

func (l *appsList) bytes() []byte {
	if len(l.lines) == 0 {
		return nil
	}
	return []byte(strings.Join(l.lines, "\n") + "\n")
}

// findLine returns the index of the line of a MIME type in a group, and that of the group; -1 for what does not exist.
func (l *appsList) findLine(group, mime string) (index, groupIndex int) {
	groupIndex = -1
	for i, line := range l.lines {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "[") && groupIndex >= 0:
			return -1, groupIndex
		case line == group:
			groupIndex = i
		case groupIndex >= 0 && strings.TrimSpace(keyOf(line)) == mime:
			return i, groupIndex
		}
	}
	return -1, groupIndex
}

func keyOf(line string) string {
	name, _, _ := strings.Cut(line, "=")
	return name
}

func programs(line string) []string {
	_, list, _ := strings.Cut(line, "=")
	return strings.FieldsFunc(list, func(r rune) bool { return r == ';' || r == ' ' })
}

// defaultProgram returns the program that opens a MIME type, or "".
func (l *appsList) defaultProgram(mime string) string {
	if at, _ := l.findLine(defaultApps, mime); at >= 0 {
		if names := programs(l.lines[at]); len(names) > 0 {
			return names[0]
		}
	}
	return ""
}

// setDefault makes a program the first choice for a MIME type.
func (l *appsList) setDefault(mime, program string) {
	at, groupIndex := l.findLine(defaultApps, mime)
	switch {
	case at >= 0:
		if l.defaultProgram(mime) != program {
			rest := slices.DeleteFunc(programs(l.lines[at]), func(p string) bool { return p == program })
			l.lines[at] = mime + "=" + strings.Join(append([]string{program}, rest...), ";")
		}
	case groupIndex >= 0:
		l.lines = slices.Insert(l.lines, groupIndex+1, mime+"="+program)
	default:
		l.lines = append(l.lines, defaultApps, mime+"="+program)
	}
}

// removeProgram removes a program from the choices for a MIME type.
func (l *appsList) removeProgram(mime, program string) {
	for _, group := range []string{defaultApps, addedApps} {
		at, groupIndex := l.findLine(group, mime)
		if at < 0 || !slices.Contains(programs(l.lines[at]), program) {
			continue
		}
		rest := slices.DeleteFunc(programs(l.lines[at]), func(p string) bool { return p == program })
		if len(rest) > 0 {
			l.lines[at] = mime + "=" + strings.Join(rest, ";")
			continue
		}
		l.lines = slices.Delete(l.lines, at, at+1)
		// A group that is empty now is removed too.
		if next := groupIndex + 1; next == len(l.lines) || strings.HasPrefix(l.lines[next], "[") {
			l.lines = slices.Delete(l.lines, groupIndex, next)
		}
	}
}
