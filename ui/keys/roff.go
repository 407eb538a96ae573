package keys

import (
	"fmt"
	"strings"
)

// Roff writes the default table as a section of a man page (man(7)), one tagged paragraph a binding.
func Roff() string {
	var b strings.Builder
	b.WriteString(".SH KEYS OF THE DASHBOARD\n")
	var scope Scope
	for _, k := range All() {
		if k.Scope != scope {
			scope = k.Scope
			fmt.Fprintf(&b, ".SS %s\n", roffText(strings.ToUpper(string(scope[:1]))+string(scope[1:])))
		}
		fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roffText(k.Label()), roffText(k.Help))
	}
	return b.String()
}

// roffText keeps text from being taken for requests or escapes.
func roffText(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "^", `\(ha`, "'", `\(aq`, "`", `\(ga`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
