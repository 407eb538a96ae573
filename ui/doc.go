// Package ui is the dashboard: the only tea.Model of the program, which turns keys into actions, actions into calls of
// the engine, and snapshots of the engine into a screen.
//
// It knows the contract (package engine) and Bubble Tea. It must not know which engine it has, nor torrents, HTTP or
// the disk. Init, Update and View do no I/O and never wait: whatever may take time is a command (commands.go).
//
// Each pane is a package of its own below this one: a plain struct that takes data (Set), actions (Handle) and gives
// text (View). They share keys (the one table of keys), theme (tokens), format (numbers to text), layout (geometry),
// table (lists of any length), rows (lists about one site) and scroll (texts longer than the screen).
//
// What lies on top of the screen, or takes its place, is a window (window.go): it names its keys, acts on them, and
// says when it closes. How the screen is set up is kept from run to run (setup.go, package state).
//
// Model only hands on what comes in. What it hands it to has one matter each: connection (the way to the engine),
// details (the site that is shown in full), screen (the panes, and what lies on top), frame (how they are drawn),
// drawing (whether they may change), appearance (theme, signs, mouse), setup (the state file), jobRunner (what the
// engine has been asked for), siteActions, clipboard, browser, adding, publishing, limits and menus (what a person can
// do), news, status and titleBar (what is told), pointer (the mouse).
//
// Start with Run in config.go; then model.go (who there is), update.go (what comes in), actions.go (what keys do) and
// view.go (what goes out).
package ui
