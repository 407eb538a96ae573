package main

import "os"

// pageFaults returns 0: what Windows says of a process that has ended does not include them.
func pageFaults(*os.ProcessState) int64 { return 0 }
