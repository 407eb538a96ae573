package main

import "os"

// fileNumbers returns nothing: there is no journal.
func fileNumbers(*os.File) string { return "" }
