package keys

// pageTable has the keys of the site page and of other full pages.
var pageTable = []Binding{
	{Back, Page, []string{"esc"}, "", "back", "back to the list", 1},
	{NextTab, Page, []string{"tab", "]", "right"}, "", "next tab", "next tab", 1},
	{PrevTab, Page, []string{"shift+tab", "[", "left"}, "", "", "previous tab", 0},
	{
		Action: Details, Scope: Page, Keys: []string{"enter"}, Short: "select",
		Help: "Overview: switch to this version; Files: fold this folder, or open this file", Rank: 2,
	},
	{One, Page, []string{"1"}, "", "", "Overview", 0},
	{Two, Page, []string{"2"}, "", "", "Peers", 0},
	{Three, Page, []string{"3"}, "", "", "Files (o opens the selected one)", 0},
	{Four, Page, []string{"4"}, "", "", "Trackers", 0},
	{Five, Page, []string{"5"}, "", "", "Pieces", 0},
	{Six, Page, []string{"6"}, "", "", "Requests (why a page is slow; o opens one that lacks parts again)", 0},
	{Seven, Page, []string{"7"}, "", "", "Log", 0},
}
