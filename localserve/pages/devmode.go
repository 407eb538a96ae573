package pages

import _ "unsafe" // for go:linkname

// templDevMode is set by templ's runtime when the environment has TEMPL_DEV_MODE=true. The texts of all templates would
// then be read from a file in the folder for temporary files, which another user may have written. Without that file
// all pages would be empty.
//
//go:linkname templDevMode github.com/a-h/templ/runtime.developmentMode
var templDevMode bool

func init() { //nolint:gochecknoinits // The mode is read from the environment before main.
	templDevMode = false
}
