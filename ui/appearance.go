package ui

import (
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// appearance is how everything looks: the theme, and what the terminal and the person allow of it.
type appearance struct {
	screen      *screen
	profile     colorprofile.Profile
	light       bool   // the terminal's background
	themeChoice string // the theme that was chosen, empty for what suits the terminal

	mouse, ascii bool
	// mouseChoice and asciiChoice are nil until the person has chosen.
	mouseChoice, asciiChoice *bool
}

// The themes that a person can choose from.
const (
	themeAuto     = ""
	themeDark     = "dark"
	themeLight    = "light"
	themeContrast = "high contrast"
	themeNone     = "none"
)

var themes = []string{themeAuto, themeDark, themeLight, themeContrast, themeNone}

// applyTheme sets the theme that the terminal can show and that suits its background.
func (ap *appearance) applyTheme() {
	p := ap.profile
	switch {
	case ap.colorless(), ap.themeChoice == themeNone:
		*ap.screen.theme = theme.None()
	case p == colorprofile.ANSI:
		*ap.screen.theme = theme.SixteenColors()
	default:
		*ap.screen.theme = ap.pickTheme()
	}
	ap.screen.theme.ASCII = ap.ascii
	if p == colorprofile.ANSI256 {
		*ap.screen.theme = ap.screen.theme.For256Colors()
	}
}

// setLight sets whether the terminal has a light background, and setProfile which colours it shows.
func (ap *appearance) setLight(light bool) {
	ap.light = light
	ap.applyTheme()
}

func (ap *appearance) setProfile(p colorprofile.Profile) {
	ap.profile = p
	ap.applyTheme()
}

// colorless reports whether the terminal shows no colours, or must not show any.
func (ap *appearance) colorless() bool {
	return ap.profile == colorprofile.NoTTY || ap.profile == colorprofile.ASCII
}

// themeName is the name of the theme setting.
const themeName = "Theme"

func (ap *appearance) themeSetting() setting {
	return setting{
		name: themeName, values: []string{"auto", themeDark, themeLight, themeContrast, themeNone},
		get: func() string {
			if ap.themeChoice == themeAuto {
				return "auto"
			}
			return ap.themeChoice
		},
		set: func(v string) {
			if v == "auto" {
				v = themeAuto
			}
			ap.themeChoice = v
			ap.applyTheme()
		},
		help: func() string {
			if ap.colorless() {
				return "This terminal shows no colours, or NO_COLOR is set."
			}
			return "Now: " + ap.screen.theme.Name + ". auto follows the terminal's background."
		},
	}
}

func (ap *appearance) setASCII(on bool) {
	ap.ascii, ap.asciiChoice = on, &on
	ap.applyTheme()
}

func (ap *appearance) setMouse(on bool) {
	ap.mouse, ap.mouseChoice = on, &on
}

// toggleMouse switches the mouse on or off, and shows what it does from now on.
func (ap *appearance) toggleMouse() {
	ap.setMouse(!ap.mouse)
	text := "Mouse off: the terminal selects text"
	if ap.mouse {
		text = "Mouse on: click selects, the wheel scrolls"
	}
	ap.screen.toast.Show(engine.Info, text+"; "+ap.screen.keys.FirstKey(keys.Mouse)+" changes it back")
}

// pickTheme returns the chosen theme, as far as the terminal can show it.
func (ap *appearance) pickTheme() theme.Theme {
	switch ap.themeChoice {
	case themeDark:
		return theme.Dark()
	case themeLight:
		return theme.Light()
	case themeContrast:
		return theme.Contrast(ap.light)
	}
	if ap.light {
		return theme.Light()
	}
	return theme.Dark()
}
