package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/menu"
)

// leave quits. While others are getting something from here it first offers to go on with that without a screen.
func (m *Model) leave() tea.Cmd {
	sites := 0
	for _, s := range m.snap.Sites {
		if s.State == engine.Seeding && s.Peers > s.Seeds {
			sites++
		}
	}
	if m.cfg.KeepSeeding == nil || m.phase != running || sites == 0 {
		return tea.Quit
	}
	m.window = menu.New(m.theme, "Others are still fetching "+format.Plural(sites, "site")+" from you", []menu.Item{
		{Key: "x", Label: "Quit", Hint: "leave all swarms", Do: m.closing(func() tea.Cmd { return tea.Quit })},
		{Key: "b", Label: "Keep seeding in the background", Hint: "wtptui serve", Do: m.closing(func() tea.Cmd {
			m.cfg.KeepSeeding()
			return tea.Quit
		})},
	}, 0)
	return nil
}
