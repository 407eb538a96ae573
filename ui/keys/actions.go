package keys

// Movements.
const (
	Up       Action = "up"
	Down     Action = "down"
	Top      Action = "top"
	Bottom   Action = "bottom"
	HalfUp   Action = "half-page-up"
	HalfDown Action = "half-page-down"
	PageUp   Action = "page-up"
	PageDown Action = "page-down"
)

// Actions on a site, or on the marked ones.
const (
	Open       Action = "open"
	ShowURL    Action = "show-url"
	CopyURL    Action = "copy-url"
	CopyMenu   Action = "copy-menu"
	Pin        Action = "pin"
	Touch      Action = "touch"
	Evict      Action = "evict"
	Remove     Action = "remove"
	Pause      Action = "pause"
	Announce   Action = "announce"
	Verify     Action = "verify"
	Allow      Action = "allow"
	NoClearnet Action = "clearnet"
	AcceptKey  Action = "accept-key"
	Labels     Action = "labels"
	Enough     Action = "enough"
	PublicHome Action = "public-home"
)

// Actions of the main screen and the site page.
const (
	Details         Action = "details"
	Back            Action = "back"
	StartSearch     Action = "filter"
	NextMatch       Action = "next-match"
	PrevMatch       Action = "previous-match"
	SortMenu        Action = "sort"
	Reverse         Action = "reverse"
	SortLeft        Action = "sort-left"
	SortRight       Action = "sort-right"
	Mark            Action = "mark"
	MarkRange       Action = "mark-range"
	MarkAll         Action = "mark-all"
	InvertMark      Action = "invert-marks"
	ColumnMenu      Action = "columns"
	SaveView        Action = "save-view"
	ToggleInspector Action = "inspector"
	Grow            Action = "grow"
	Shrink          Action = "shrink"
	Focus           Action = "focus"
	NextTab         Action = "next-tab"
	PrevTab         Action = "previous-tab"
	One             Action = "view-1"
	Two             Action = "view-2"
	Three           Action = "view-3"
	Four            Action = "view-4"
	Five            Action = "view-5"
	Six             Action = "view-6"
	Seven           Action = "view-7"
	Eight           Action = "view-8"
	Nine            Action = "view-9"
	Endangered      Action = "view-endangered"
	Errors          Action = "view-errors"
)

// Actions of the program.
const (
	Add          Action = "add"
	Publish      Action = "publish"
	Undo         Action = "undo"
	Redo         Action = "redo"
	Bin          Action = "bin"
	Limits       Action = "limits"
	Freeze       Action = "freeze"
	EventLog     Action = "events"
	Mouse        Action = "mouse"
	ShowSettings Action = "settings"
	ShowPalette  Action = "palette"
	ShowHelp     Action = "help"
	Leave        Action = "leave"
	Quit         Action = "quit"
	StopEngine   Action = "stop-engine"
	Suspend      Action = "suspend"
	Redraw       Action = "redraw"
)

// Actions within windows.
const (
	Accept   Action = "accept"
	Cancel   Action = "cancel"
	Yes      Action = "yes"
	No       Action = "no"
	Switch   Action = "switch"
	Toggle   Action = "toggle"
	Previous Action = "previous"
	Next     Action = "next"
	Earlier  Action = "earlier"
	Later    Action = "later"
	Reset    Action = "reset"
	Problems Action = "problems-only"
)
