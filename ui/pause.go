package ui

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// freeze holds the screen still, or lets it go on: what comes meanwhile is kept.
func (m *Model) freeze() {
	m.frozen = !m.frozen
	if !m.frozen && m.pending != nil {
		m.put(*m.pending)
	}
	m.pending = nil
	m.note()
}

// note says in the header that the screen stands still, and why.
func (m *Model) note() {
	switch {
	case m.frozen:
		m.header.Note("frozen: " + m.keys.Of(keys.Freeze))
	case m.resting():
		m.header.Note("no focus, paused")
	default:
		m.header.Note("")
	}
}

// blur stops the drawing after one more frame, which says so; look lets it go on.
func (m *Model) blur() {
	m.blurred = true
	m.still = ""
	m.note()
}

func (m *Model) look() {
	if !m.blurred {
		return
	}
	m.blurred = false
	m.still = ""
	m.note()
}

// resting reports whether nothing is drawn because nobody looks.
func (m *Model) resting() bool { return m.blurred && !m.drawUnseen }

// remember keeps the events for the event log.
func (m *Model) remember(e engine.Event) {
	m.events = append(m.events, e)
	if len(m.events) > 2*maxEvents {
		m.events = append([]engine.Event(nil), m.events[len(m.events)-maxEvents:]...)
	}
}

// maxEvents is how many events are kept at least.
const maxEvents = 1000
