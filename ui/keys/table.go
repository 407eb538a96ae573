package keys

// Actions.
const (
	Up       Action = "up"
	Down     Action = "down"
	Top      Action = "top"
	Bottom   Action = "bottom"
	HalfUp   Action = "half-page-up"
	HalfDown Action = "half-page-down"
	PageUp   Action = "page-up"
	PageDown Action = "page-down"

	Details   Action = "details"
	Back      Action = "back"
	Add       Action = "add"
	Open      Action = "open"
	ShowURL   Action = "show-url"
	CopyURL   Action = "copy-url"
	Pin       Action = "pin"
	Touch     Action = "touch"
	Evict     Action = "evict"
	Remove    Action = "remove"
	Undo      Action = "undo"
	Pause     Action = "pause"
	Announce  Action = "announce"
	Verify    Action = "verify"
	Allow     Action = "allow"
	StartFind Action = "filter"
	Sort      Action = "sort"
	Reverse   Action = "reverse"
	Inspect   Action = "inspector"
	Focus     Action = "focus"
	NextTab   Action = "next-tab"
	PrevTab   Action = "previous-tab"
	One       Action = "first-view"
	Two       Action = "second-view"
	Three     Action = "third-view"
	Four      Action = "fourth-view"
	Five      Action = "fifth-view"
	Mouse     Action = "mouse"
	ShowHelp  Action = "help"
	Leave     Action = "leave"
	Quit      Action = "quit"
	Suspend   Action = "suspend"
	Redraw    Action = "redraw"

	Accept Action = "accept"
	Cancel Action = "cancel"
	Yes    Action = "yes"
	No     Action = "no"
	Switch Action = "switch"
)

var table = []Binding{
	{Up, Move, []string{"k", "up"}, "", "", "one up", 0},
	{Down, Move, []string{"j", "down"}, "", "", "one down", 0},
	{Top, Move, []string{"g", "home"}, "", "", "to the top", 0},
	{Bottom, Move, []string{"G", "end"}, "", "", "to the end", 0},
	{HalfUp, Move, []string{"ctrl+u"}, "", "", "half a page up", 0},
	{HalfDown, Move, []string{"ctrl+d"}, "", "", "half a page down", 0},
	{PageUp, Move, []string{"pgup", "ctrl+b"}, "", "", "a page up", 0},
	{PageDown, Move, []string{"pgdown", "ctrl+f"}, "", "", "a page down", 0},

	{Details, Main, []string{"enter"}, "", "details", "open the site's page", 1},
	{Add, Global, []string{"a"}, "", "add", "add a site (or paste an address anywhere)", 5},
	{StartFind, Main, []string{"/"}, "", "filter", "show only sites with this text in host, title or state", 8},
	{Sort, Main, []string{"s"}, "", "sort", "sort by the next column", 9},
	{Reverse, Main, []string{"S"}, "", "", "reverse the order", 0},
	{One, Main, []string{"1"}, "", "", "all sites", 0},
	{Two, Main, []string{"2"}, "", "", "pinned sites", 0},
	{Three, Main, []string{"3"}, "", "", "cached sites", 0},
	{Four, Main, []string{"4"}, "", "", "sites that are loading", 0},
	{Five, Main, []string{"5"}, "", "", "sites published here", 0},
	{Inspect, Main, []string{"v"}, "", "", "show or hide the inspector", 0},
	{Focus, Main, []string{"tab"}, "", "", "between table and inspector", 0},
	{NextTab, Main, []string{"]"}, "", "", "the inspector's next tab", 0},
	{PrevTab, Main, []string{"["}, "", "", "the inspector's previous tab", 0},

	{Back, Main, []string{"esc"}, "", "", "back one layer: filter, inspector", 0},

	{Open, Verbs, []string{"o"}, "", "open", "open in the default browser", 2},
	{ShowURL, Verbs, []string{"O"}, "", "", "show the local address", 0},
	{CopyURL, Verbs, []string{"y"}, "", "copy", "copy the wtp address", 7},
	{Pin, Verbs, []string{"p"}, "", "pin", "pin (keep and seed for ever) or unpin", 3},
	{Touch, Verbs, []string{"t"}, "", "+30m", "start the cache period over", 4},
	{Evict, Verbs, []string{"d"}, "", "evict", "leave the swarm and delete the data; undo for 10 s", 6},
	{Remove, Verbs, []string{"D"}, "", "", "remove with pin and history (asks first)", 0},
	{Pause, Verbs, []string{"x"}, "", "", "pause or resume", 0},
	{Announce, Verbs, []string{"r"}, "", "", "ask trackers and DHT for peers now", 0},
	{Verify, Verbs, []string{"R"}, "", "", "hash all data again", 0},
	{Allow, Verbs, []string{"w"}, "", "allow", "allow a site that was refused for its size", 1},
	{Undo, Global, []string{"u"}, "", "", "undo the last eviction", 0},

	{Back, Page, []string{"esc"}, "", "back", "back to the list", 1},
	{NextTab, Page, []string{"tab", "]", "right", "l"}, "", "next tab", "next tab", 1},
	{PrevTab, Page, []string{"shift+tab", "[", "left", "h"}, "", "", "previous tab", 0},
	{One, Page, []string{"1"}, "", "", "Overview", 0},
	{Two, Page, []string{"2"}, "", "", "Peers", 0},
	{Three, Page, []string{"3"}, "", "", "Files (o opens the selected one)", 0},
	{Four, Page, []string{"4"}, "", "", "Trackers", 0},
	{Five, Page, []string{"5"}, "", "", "Log", 0},

	{Mouse, Global, []string{"m"}, "", "", "mouse on, or off to select text with it", 0},
	{ShowHelp, Global, []string{"?", "f1"}, "", "help", "this help", 10},
	{Leave, Global, []string{"q"}, "", "quit", "back one layer, or quit", 11},
	{Quit, Always, []string{"ctrl+c"}, "", "", "quit", 0},
	{Suspend, Always, []string{"ctrl+z"}, "", "", "suspend", 0},
	{Redraw, Always, []string{"ctrl+l"}, "", "", "redraw", 0},

	{Accept, Filter, []string{"enter"}, "", "keep", "keep the filter", 1},
	{Cancel, Filter, []string{"esc"}, "", "clear", "clear the filter", 2},
	{Accept, Prompt, []string{"enter"}, "", "add", "add the site", 1},
	{Cancel, Prompt, []string{"esc"}, "", "cancel", "close without adding", 2},
	{Switch, Confirm, []string{"tab", "left", "right", "h", "l"}, "", "choose", "the other answer", 1},
	{Accept, Confirm, []string{"enter"}, "", "answer", "give the marked answer", 2},
	{Yes, Confirm, []string{"y"}, "", "yes", "yes", 3},
	{No, Confirm, []string{"n", "esc", "q"}, "", "no", "no", 4},
	{CopyURL, Notice, []string{"y"}, "", "copy", "copy the address", 1},
	{Cancel, Notice, []string{"esc", "enter", "q", "O"}, "", "close", "close", 2},
	{Cancel, Help, []string{"esc", "q", "?", "f1", "enter"}, "", "close", "close", 1},
}
