package ui

import (
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// burstPause is how long the keyboard must be silent until a key is no longer part of the burst that ended a text.
const burstPause = 100 * time.Millisecond

// altKeys handles Alt with a key as what it usually is: Esc and then that key. A terminal sends the same bytes for
// both, and tmux joins the two when they come within its escape-time, which is half a second by default.
type altKeys struct {
	cfg    *Config
	screen *screen
	// burst is until when keys may still belong to a text that such an Esc has ended.
	burst time.Time
}

// splitAlt returns Esc and the key of an Alt+key that has no binding, and false for any other key. Keys that edit a
// text by words (Alt with an arrow or backspace) are left to the text.
func (ak *altKeys) splitAlt(msg tea.KeyPressMsg) (esc, key tea.KeyPressMsg, ok bool) {
	if !msg.Mod.Contains(tea.ModAlt) {
		return esc, key, false
	}
	key = withoutAlt(msg)
	situation := ak.screen.situation()
	if _, bound := ak.screen.keys.ActionOf(keyName(msg), keys.Stacks()[situation]...); bound {
		return esc, key, false
	}
	if keys.Typing(situation) && key.Text == "" && key.Mod == 0 && key.Code != tea.KeyEnter && key.Code != tea.KeyEscape &&
		key.Code != tea.KeyTab {
		return esc, key, false
	}
	return tea.KeyPressMsg{Code: tea.KeyEscape}, key, true
}

// keyName returns the name of a key as in the key table: Alt with a capital is "alt+X".
func keyName(msg tea.KeyPressMsg) string {
	if key := withoutAlt(msg); msg.Mod.Contains(tea.ModAlt) && key.Text != "" {
		return "alt+" + key.String()
	}
	return msg.String()
}

// withoutAlt returns the key as it is reported without Alt.
func withoutAlt(msg tea.KeyPressMsg) tea.KeyPressMsg {
	msg.Mod &^= tea.ModAlt
	if msg.Text == "" && msg.Mod&^tea.ModShift == 0 && msg.Code < unicode.MaxRune && unicode.IsPrint(msg.Code) {
		r := msg.Code
		if msg.Mod.Contains(tea.ModShift) {
			r = unicode.ToUpper(r)
		}
		msg.Text = string(r)
	}
	return msg
}

// noteTextEnd notes that Esc has just ended a text, and that the next keys may be the rest of it.
func (ak *altKeys) noteTextEnd() { ak.burst = ak.cfg.Now().Add(burstPause) }

// suppresses reports whether a key must not have an effect, because it may be part of a text; then a message says so. A
// key that only navigates, or starts another text, ends the burst.
func (ak *altKeys) suppresses(b keys.Binding, name string) bool {
	now := ak.cfg.Now()
	if !now.Before(ak.burst) {
		return false
	}
	if b.OnlyNavigates() {
		ak.burst = time.Time{}
		return false
	}
	ak.burst = now.Add(burstPause)
	ak.screen.toast.Show(engine.Warning,
		"Nothing was done: "+keys.Name(name)+" came too soon after the Esc that ended the text. Press it again")
	return true
}
