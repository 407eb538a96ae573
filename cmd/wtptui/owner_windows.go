package main

// giveToOwner has nothing to do: what is made in a folder can be read by those who can read that.
func giveToOwner(string, ...string) error { return nil }
