package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
)

// machineMenu asks on which machine of a fleet something is to be done that concerns no site.
type machineMenu struct {
	conn   *connection
	screen *screen
}

// changeableMachines returns the machines on which something can be changed now, that of the selected site first.
func (ch *machineMenu) changeableMachines() []engine.Machine {
	machines := slices.DeleteFunc(slices.Clone(ch.conn.fleet()), func(m engine.Machine) bool { return !m.CanChange() })
	if s, ok := ch.screen.target(); ok {
		slices.SortStableFunc(machines, func(a, b engine.Machine) int {
			return boolInt(b.Name == s.Machine) - boolInt(a.Name == s.Machine)
		})
	}
	return machines
}

func boolInt(is bool) int {
	if is {
		return 1
	}
	return 0
}

// chooseMachine calls do with the machine that a person chooses; with an empty name if the engine is not a fleet, and
// at once if there is no choice.
func (ch *machineMenu) chooseMachine(title string, do func(machine string) tea.Cmd) tea.Cmd {
	if len(ch.conn.fleet()) == 0 {
		return do("")
	}
	machines := ch.changeableMachines()
	switch len(machines) {
	case 0:
		ch.screen.toast.Show(engine.Warning, "No machine can do that now: each is away or read-only")
		return nil
	case 1:
		return do(machines[0].Name)
	}
	items := make([]dialog.Line, len(machines))
	for i, m := range machines {
		items[i] = dialog.Line{
			Key: digitKey(i), Label: m.Name, Detail: format.Plural(m.Sites, "site"),
			Do: func() tea.Cmd { return do(m.Name) },
		}
	}
	ch.screen.windows.openMenu(title, items, 0)
	return nil
}

// digitKey returns the key of the i-th line of a menu; empty when there is none left.
func digitKey(i int) string {
	if i >= 9 {
		return ""
	}
	return string(rune('1' + i))
}

// attachHint returns how to do on one machine what a fleet cannot do.
func (ch *machineMenu) attachHint() string {
	name := ch.conn.fleet()[0].Name
	if machines := ch.changeableMachines(); len(machines) > 0 {
		name = machines[0].Name
	}
	return "`wtptui attach " + name + "` opens the dashboard of " + name
}
