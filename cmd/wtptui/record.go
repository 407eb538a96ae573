package main

import (
	"fmt"
	"io"

	"wtptui/engine"
)

// recordFields returns names and values for printFields about the record that the owner of a key has signed.
func recordFields(r engine.Record) []string {
	signed := formatTimeOrEmpty(r.SignedAt)
	if signed != "" && r.Signer != "" {
		signed += ", with the key " + r.Signer + " of this machine"
	}
	return []string{
		"signed", signed,
		"held by", describeHolders(r),
		"put", describePut(r),
		"record", r.Error,
	}
}

// describeHolders returns how many nodes had the record; empty if it was not looked up.
func describeHolders(r engine.Record) string {
	if r.ReadAt.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d of the %s nearest to the key, asked %s", r.Found, pluralize(r.Nearest, "node"),
		formatTime(r.ReadAt))
}

// describePut returns who has stored the record when it was last put from here; empty if it was not put.
func describePut(r engine.Record) string {
	if r.PutAt.IsZero() {
		return ""
	}
	return fmt.Sprintf("stored by %s %s", describeRecipients(r), formatTime(r.PutAt))
}

// describeRecipients returns how many nodes and relays have stored the record when it was last put.
func describeRecipients(r engine.Record) string {
	nodes := pluralize(r.Nodes, "node") + " of the DHT"
	switch {
	case r.Relays > 0 && r.Nodes == 0:
		return pluralize(r.Relays, "relay")
	case r.Relays > 0:
		return nodes + " and " + pluralize(r.Relays, "relay")
	}
	return nodes
}

// describeOtherKey returns a sentence about another key that the domain names instead of the deciding one; empty if
// there is none.
func describeOtherKey(host, next string) string {
	if next == "" {
		return ""
	}
	return next + ", which the domain names now: `wtptui accept-key " + host + "` accepts it"
}

// keyFields returns names and values for printFields about the key that decides where a site is.
func keyFields(d engine.Detail) []string {
	key := decidingKey(d)
	if key == "" {
		return []string{"other key", describeOtherKey(d.Site.Host, d.Site.NextKey)}
	}
	if key == d.Site.Host {
		key = "" // It is the host, which is printed already.
	}
	return append([]string{"key", key, "other key", describeOtherKey(d.Site.Host, d.Site.NextKey)},
		recordFields(d.Site.Record)...)
}

// decidingKey returns the key that decides where a site is; empty if there is none.
func decidingKey(d engine.Detail) string {
	switch {
	case engine.IsKey(d.Site.Host):
		return d.Site.Host
	case d.Domain.Key != "":
		return d.Domain.Key
	}
	return ""
}

// isUnderKey reports whether a key decides where a site is, or will as soon as its domain names the key.
func isUnderKey(d engine.Detail) bool { return d.Site.HasKey() || d.Domain.Key != "" }

// printKeyOutcome prints whether the record of the publication's key was stored, and what is left to do for the key.
// fresh reports whether the key was created for this publication.
func printKeyOutcome(w io.Writer, r engine.Publication, fresh bool) {
	if r.Key.Host == "" {
		return
	}
	fmt.Fprintf(w, "\n%s\n", recordOutcome(r.Record))
	if r.Record.Error != "" && hasRecipients(r.Record) {
		fmt.Fprintln(w, r.Record.Error)
	}
	if fresh {
		fmt.Fprintf(w,
			"\nThe key %s is new. It is the only signer of this address, and there is no recovery: whoever has\n"+
				"its file can publish here, and once it is lost nobody can.\n", r.Key.Name)
	}
	if !r.Key.BackedUp {
		fmt.Fprintf(w, "\nThe key %[1]s is on this machine only. Keep a copy elsewhere: `wtptui keys export %[1]s FILE`\n",
			r.Key.Name)
	}
}

// recordOutcome returns one line about who has stored the record, or why it is not stored yet.
func recordOutcome(r engine.Record) string {
	switch {
	case hasRecipients(r):
		return describeRecipients(r) + " stored its record."
	case r.Error != "":
		return "Its record is signed, but not in the DHT yet: " + r.Error
	}
	return "Its record is signed, but not in the DHT yet: it is stored as soon as a node can be reached."
}

func hasRecipients(r engine.Record) bool { return r.Nodes > 0 || r.Relays > 0 }
