package keys

// The steps of publishing, one scope each.
const (
	Folder  Scope = "publish: folder"
	Check   Scope = "publish: check"
	Review  Scope = "publish: review"
	Working Scope = "publish: at work" // reading, hashing, copying
	Live    Scope = "publish: live"
)

// Complete completes a path; WriteIgnore adds what is left out to the folder's .wtpignore; CopyLink copies the address
// that any browser opens.
const (
	Complete    Action = "complete"
	WriteIgnore Action = "write-ignore"
	CopyLink    Action = "copy-link"
)

// publishTable has the keys for publishing a folder.
var publishTable = []Binding{
	{Accept, Folder, []string{"enter"}, "", "check", "check the folder", 1},
	{Complete, Folder, []string{"tab"}, "", "complete", "complete the folder's name", 2},
	{Switch, Folder, []string{"down", "up", "shift+tab"}, "", "folder or name", "switch between folder and name", 3},
	{Cancel, Folder, []string{"esc"}, "", "cancel", "close without publishing", 4},
	{Toggle, Check, []string{"space"}, "", "keep or leave out", "publish with what was found, or without it", 1},
	{Accept, Check, []string{"enter"}, "", "review", "see what would be published", 2},
	{Reset, Check, []string{"r"}, "", "check again", "check the folder again", 3},
	{Cancel, Check, []string{"esc", "q"}, "", "back", "back to the folder", 4},
	{Switch, Review, []string{"tab", "left", "right", "h", "l"}, "", "choose", "the other answer", 1},
	{Accept, Review, []string{"enter"}, "", "answer", "choose the marked answer", 2},
	{Yes, Review, []string{"y"}, "", "publish", "publish it", 3},
	{
		Action: WriteIgnore, Scope: Review, Keys: []string{"w"}, Short: "into .wtpignore",
		Help: "also add what is left out to the folder's .wtpignore", Rank: 4,
	},
	{Cancel, Review, []string{"esc", "n", "q"}, "", "back", "back to what was found", 5},
	{Cancel, Working, []string{"esc"}, "", "stop", "stop; nothing is changed", 1},
	{CopyURL, Live, []string{"y"}, "", "copy", "copy the wtp address", 1},
	{CopyMenu, Live, []string{"Y"}, "", "copy records", "copy the TXT records", 2},
	{CopyLink, Live, []string{"a"}, "", "copy link", "copy the link for anyone", 3},
	{Open, Live, []string{"o"}, "", "open", "open in the default browser", 4},
	{Reset, Live, []string{"r"}, "", "try again", "ask DNS and try to load the site again", 5},
	{Cancel, Live, []string{"esc", "enter", "q"}, "", "close", "close; the site stays published", 6},
}
