// Package ui is the dashboard: the only tea.Model of the program, which turns keys into actions, actions into calls of
// the engine, and snapshots of the engine into a screen.
//
// It knows the contract (package engine) and Bubble Tea. It must not know which engine it has, nor torrents, HTTP or
// the disk. Init, Update and View do no I/O and never wait: whatever may take time is a command (commands.go).
//
// Each pane is a package of its own below this one: a plain struct that takes data (Set) and actions (Handle) and
// returns text (View). They share keys (the one table of keys), theme (tokens), format (numbers to text), layout
// (geometry), table (lists of any length), rows (lists about one site) and scroll (texts longer than the screen).
//
// What is drawn over the screen, or instead of it, is a window (window.go): it names its keys, acts on them, and
// reports when it closes. Most are a list or a form (package dialog). How the screen is set up is stored from run to
// run (setup.go, package state).
//
// Model only passes on what comes in, to parts with one task each:
//
//   - connection: the engine, and its newest snapshot;
//   - screen: the panes, the window over them (windows), and which sites an action is about;
//   - display: how the screen is drawn (frame), how it looks (appearance), whether it may change (drawState), and what
//     the terminal shows around it (titleBar);
//   - follower: what shows the engine's state (status, eventNotifier, details);
//   - commands: what a person can do (siteActions, jobRunner, undoHistory, clipboard, browser, addPrompt, publisher,
//     menus …);
//   - input: keys, pastes and the mouse, which become commands or movements;
//   - setup: how the screen is set up from run to run.
//
// Start with Run in config.go; then model.go (the parts, and the messages), input.go (what keys do), commands.go (what
// can be done) and view.go (what is drawn).
package ui
