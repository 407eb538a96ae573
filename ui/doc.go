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
// says when it closes. Most are a list or a form (package dialog). How the screen is set up is kept from run to run
// (setup.go, package state).
//
// Model only hands on what comes in, to owners of one matter each:
//
//   - connection: the engine, and what it said last;
//   - screen: the panes, the window on top of them (windows), and which sites an action is about;
//   - display: how the screen is drawn (frame), how it looks (appearance), whether it may change (drawState), and what
//     the terminal shows around it (titleBar);
//   - follower: what shows what the engine says (status, eventNotifier, details);
//   - commands: what a person can do (siteActions, jobRunner, undoHistory, clipboard, browser, addPrompt,
//     publisher, menus …);
//   - input: keys, pastes and the mouse, which become commands or movements;
//   - setup: how the screen is set up from run to run.
//
// Start with Run in config.go; then model.go (who there is, and what comes in), input.go (what keys do), commands.go
// (what can be done) and view.go (what goes out).
package ui
