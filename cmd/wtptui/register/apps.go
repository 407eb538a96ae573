package register

import (
	"slices"
	"strings"
)

// appsList is a mimeapps.list: lines, of which only those about one type are ever touched.
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

// find returns the line of a type in a group, and where the group begins; -1 for what is not there.
func (l *appsList) find(group, mime string) (at, begins int) {
	begins = -1
	for i, line := range l.lines {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "[") && begins >= 0:
			return -1, begins
		case line == group:
			begins = i
		case begins >= 0 && strings.TrimSpace(key(line)) == mime:
			return i, begins
		}
	}
	return -1, begins
}

func key(line string) string {
	name, _, _ := strings.Cut(line, "=")
	return name
}

func programs(line string) []string {
	_, list, _ := strings.Cut(line, "=")
	return strings.FieldsFunc(list, func(r rune) bool { return r == ';' || r == ' ' })
}

// chosen is the program that opens a type.
func (l *appsList) chosen(mime string) string {
	if at, _ := l.find(defaultApps, mime); at >= 0 {
		if names := programs(l.lines[at]); len(names) > 0 {
			return names[0]
		}
	}
	return ""
}

// choose makes a program the first choice for a type.
func (l *appsList) choose(mime, program string) {
	at, begins := l.find(defaultApps, mime)
	switch {
	case at >= 0:
		if l.chosen(mime) != program {
			rest := slices.DeleteFunc(programs(l.lines[at]), func(p string) bool { return p == program })
			l.lines[at] = mime + "=" + strings.Join(append([]string{program}, rest...), ";")
		}
	case begins >= 0:
		l.lines = slices.Insert(l.lines, begins+1, mime+"="+program)
	default:
		l.lines = append(l.lines, defaultApps, mime+"="+program)
	}
}

// drop takes a program out of the choices for a type.
func (l *appsList) drop(mime, program string) {
	for _, group := range []string{defaultApps, addedApps} {
		at, begins := l.find(group, mime)
		if at < 0 || !slices.Contains(programs(l.lines[at]), program) {
			continue
		}
		rest := slices.DeleteFunc(programs(l.lines[at]), func(p string) bool { return p == program })
		if len(rest) > 0 {
			l.lines[at] = mime + "=" + strings.Join(rest, ";")
			continue
		}
		l.lines = slices.Delete(l.lines, at, at+1)
		// A group that nothing is left of goes too.
		if next := begins + 1; next == len(l.lines) || strings.HasPrefix(l.lines[next], "[") {
			l.lines = slices.Delete(l.lines, begins, next)
		}
	}
}
