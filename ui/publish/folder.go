package publish

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// maxPath is the longest text that can be typed, in characters.
const maxPath = 4096

// folderStep asks for the folder, and for the domain or key of the site.
type folderStep struct {
	theme   *theme.Theme
	problem *problem

	last              lastPublication
	fields            [2]textinput.Model // the folder, and the site's domain or key
	focused           int
	keys              []engine.Key
	completions       []string // the folders that complete the path
	completionProblem string   // why there are none
	fieldLines        [2]int   // the lines of the fields when they were last drawn
}

func newFolder(th *theme.Theme, prob *problem, dir, domain string) *folderStep {
	f := &folderStep{theme: th, problem: prob}
	for i, text := range []string{Path(dir), domain} {
		f.fields[i] = field.New(th, maxPath, text)
	}
	f.fields[1].Blur()
	return f
}

// lastPublication is how the site was published last of which a new version is most likely meant.
type lastPublication struct {
	host, title string
	loading     bool // an answer is awaited
	from        engine.PublishedFrom
	problem     string // why the folder is not known
}

// awaitLast waits for the answer how a site was published last.
func (f *folderStep) awaitLast(host, title string) {
	f.last = lastPublication{host: host, title: title, loading: true}
}

// handleLastLoaded fills in the folder of the site, unless another one has been typed meanwhile.
func (f *folderStep) handleLastLoaded(msg LastLoaded) {
	if msg.Host != f.last.host {
		return
	}
	f.last.loading, f.last.from, f.last.problem = false, msg.From, engine.Message(msg.Err)
	if f.dir() == "" && msg.From.Dir != "" {
		f.fields[0].SetValue(msg.From.Dir)
		f.fields[0].CursorEnd()
	}
}

// isNewVersion reports whether a site is going to be published from the same folder as last time.
func (f *folderStep) isNewVersion() bool { return f.last.from.Dir != "" && f.dir() == f.last.from.Dir }

// inPlace reports whether the folder itself is to be seeded, as last time.
func (f *folderStep) inPlace() bool { return f.isNewVersion() && f.last.from.InPlace }

// movedText returns what to do when the folder of the last time cannot be published any more.
func (f *folderStep) movedText(err error) string {
	if kind := engine.KindOf(err); !f.isNewVersion() || kind != engine.Invalid && kind != engine.Unavailable {
		return ""
	}
	return ". The site was last published from there: if the folder has moved, type its new path"
}

// title returns what is going to be done.
func (f *folderStep) title() string {
	if f.isNewVersion() || f.last.host != "" && f.name() == f.last.host {
		return "A new version of " + f.last.title
	}
	return "Publish a folder"
}

func (f *folderStep) dir() string  { return f.fields[0].Value() }
func (f *folderStep) name() string { return f.namePart(false) }
func (f *folderStep) key() string  { return strings.TrimPrefix(f.namePart(true), KeyPrefix) }

// KeyPrefix is the prefix of a key's name where a site's name is typed.
const KeyPrefix = "key:"

// namePart returns the part of the site's name that names a key, or the part that does not.
func (f *folderStep) namePart(key bool) string {
	var words []string
	for word := range strings.FieldsSeq(f.fields[1].Value()) {
		if strings.HasPrefix(word, KeyPrefix) == key {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// switchField goes to the other field.
func (f *folderStep) switchField() {
	f.fields[f.focused].Blur()
	f.focused = 1 - f.focused
	f.fields[f.focused].Focus()
}

// update edits the focused field. A path that is pasted or dropped replaces the text if it is complete.
func (f *folderStep) update(msg tea.Msg) tea.Cmd {
	f.completions, f.completionProblem = nil, ""
	if paste, ok := msg.(tea.PasteMsg); ok && LooksLikePath(paste.Content) {
		f.fields[0].SetValue(Path(paste.Content))
		f.fields[0].CursorEnd()
		return nil
	}
	var cmd tea.Cmd
	f.fields[f.focused], cmd = f.fields[f.focused].Update(msg)
	return cmd
}

// applyCompletion fills in the completion of a path, unless another one has been typed meanwhile.
func (f *folderStep) applyCompletion(c Completion) {
	if c.Text != f.dir() {
		return
	}
	f.completions, f.completionProblem = c.Names, c.Problem
	f.fields[0].SetValue(c.Value)
	f.fields[0].CursorEnd()
}

func (*folderStep) situation() string            { return "folder" }
func (*folderStep) hasNoEffect(keys.Action) bool { return false }

func (f *folderStep) act(a keys.Action) (tea.Cmd, transition) {
	switch a {
	case keys.Cancel:
		return nil, doClose
	case keys.Switch:
		f.switchField()
	case keys.Complete:
		if f.focused == 1 {
			f.switchField()
			return nil, nothing
		}
		text := f.dir()
		return func() tea.Msg { return Complete(text) }, nothing
	case keys.Accept:
		if f.problem.text = f.parse(); f.problem.text == "" {
			return nil, doCheck
		}
	}
	return nil, nothing
}

// click goes to the other field.
func (f *folderStep) click(_, y int, _ bool) keys.Action {
	if y == f.fieldLines[1-f.focused] {
		return keys.Switch
	}
	return ""
}

// parse normalizes the fields, or returns why that is not possible.
func (f *folderStep) parse() (wrong string) {
	if strings.TrimSpace(f.dir()) == "" {
		return "type the path of a folder; tab completes it"
	}
	name, key := f.name(), f.namePart(true)
	if key != "" {
		if err := engine.CheckKeyName(f.key()); err != nil {
			return engine.Message(err)
		}
	}
	if name == "" {
		return ""
	}
	host, err := engine.ParseName(name)
	switch {
	case err == nil && engine.IsInfohash(host):
		return "an infohash is not a domain: leave it out"
	case err == nil && engine.IsKey(host):
		return "that is a key, not a domain: use the name of a key of this machine, " + KeyPrefix + "blog"
	case err != nil:
		return engine.Message(err)
	}
	f.fields[1].SetValue(strings.TrimSpace(host + " " + key))
	return ""
}

func (f *folderStep) view(w, h int) []string {
	th := f.theme
	out := []string{""}
	for i, label := range []string{"Folder", "Name"} {
		in := f.fields[i]
		in.SetWidth(max(w-16, 4))
		mark, st := " ", th.Dim
		if i == f.focused {
			mark, st = "›", th.Accent
		}
		line := "  " + st.Render(format.Fit(label, 8)+mark) + " "
		switch {
		case i == 1 && in.Value() == "" && i != f.focused:
			line += th.Dim.Render("none, a domain (example.org), or a key (key:blog)")
		default:
			line += in.View()
		}
		f.fieldLines[i] = len(out)
		out = append(out, format.Cut(line, w))
		if i == 0 {
			out = append(out, f.completionLines(w, max(h-11, 1))...)
			out = append(out, "")
		}
	}
	out = append(out, "")
	out = append(out, f.problem.view(w)...)
	for _, l := range f.hints() {
		out = append(out, layout.Paragraph(l, w, th.Dim)...)
	}
	return out
}

// hints returns what a person should know before the folder is checked, and how the site was published last.
func (f *folderStep) hints() []string {
	const safe = "At first the folder is only checked: you see what would be published before it is."
	switch s := f.last; {
	case s.loading:
		return []string{"Asking from which folder " + s.title + " was published…"}
	case s.host != "" && s.problem != "":
		return []string{
			"Could not find the folder from which " + s.title + " was published: " + format.Text(s.problem), safe,
		}
	case s.host != "" && s.from.Dir == "":
		return []string{"No folder is known from which " + s.title + " was published.", safe}
	case f.isNewVersion():
		text := "It was published from this folder last"
		if at := s.from.At; !at.IsZero() {
			text += ", on " + format.DateTime(at.Std(), at.Std())
		}
		return append([]string{text + "."}, append(decisionsText(s.from), "Next you see what is new since then. "+safe)...)
	case s.host != "":
		return []string{"Last time it was published from " + format.Text(s.from.Dir) + ".", safe}
	}
	return append([]string{
		"A site is a folder of static files, with an index.html at its top.",
		safe,
		"A name is optional. Without one the site's address is its infohash, which changes with each version. With a key " +
			"the address stays the same; a key with a new name is created.",
	}, f.keysText()...)
}

// keysText returns the names of the keys that can be used already.
func (f *folderStep) keysText() []string {
	var names []string
	for _, k := range f.keys {
		if k.Error == "" {
			names = append(names, KeyPrefix+format.Text(k.Name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"Keys of this machine: " + joinSome(names) + "."}
}

// decisionsText returns what a person kept and left out last time, which is proposed again.
func decisionsText(from engine.PublishedFrom) []string {
	var out []string
	if len(from.LeaveOut) > 0 {
		out = append(out, "Left out as last time: "+joinSome(from.LeaveOut)+".")
	}
	if len(from.Keep) > 0 {
		out = append(out, "Published as last time, whatever the check says: "+joinSome(from.Keep)+".")
	}
	return out
}

// maxListed is how many paths a sentence names.
const maxListed = 6

// joinSome returns the first paths, for a sentence.
func joinSome(paths []string) string {
	n := min(len(paths), maxListed)
	text := format.Text(strings.Join(paths[:n], ", "))
	if more := len(paths) - n; more > 0 {
		text += " and " + format.Count(more) + " more"
	}
	return text
}

// completionLines returns the folders that complete the path, in columns, or why there are none.
func (f *folderStep) completionLines(w, rows int) []string {
	th := f.theme
	if f.completionProblem != "" {
		return []string{format.Cut("            "+th.Warn.Render(f.completionProblem), w)}
	}
	if len(f.completions) == 0 {
		return nil
	}
	width := 0
	for _, n := range f.completions {
		width = max(width, format.Width(format.Text(n))+3)
	}
	width = min(width, max(w-14, 10))
	cols := max((w-12)/width, 1)
	var out []string
	for i := 0; i < len(f.completions); i += cols {
		if len(out) == rows {
			out[rows-1] = format.Cut("            "+th.Dim.Render("and "+format.Count(len(f.completions)-i+cols)+" more"), w)
			break
		}
		line := "            "
		for _, n := range f.completions[i:min(i+cols, len(f.completions))] {
			line += th.Accent.Render(format.Fit(format.Text(n)+"/", width))
		}
		out = append(out, format.Cut(line, w))
	}
	return out
}
