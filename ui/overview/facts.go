package overview

import (
	"time"

	"wtptui/engine"
	"wtptui/ui/history"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// facts is what is known of a site, with the methods that write it.
type facts struct {
	theme  *theme.Theme
	keys   *keys.Map
	detail engine.Detail
	rates  history.Series
	now    time.Time
	// homes are Status.Homes.
	homes []engine.Home
	// defaultEnough is Status.Enough.
	defaultEnough int
	// goals are Status.Goals.
	goals []engine.Goals
}
