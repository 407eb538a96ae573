package engine

import "strings"

// specialUseNames describes the top-level names that are not in the DNS. Asking a resolver for a name below them
// returns nothing, and tells it what only this machine, its network or Tor should know.
var specialUseNames = map[string]string{
	"onion":     "is reached through Tor alone (RFC 7686)",
	"local":     "is a machine of the local network (RFC 6762)",
	"localhost": "is this computer itself (RFC 6761)",
	"invalid":   "never exists (RFC 6761)",
	"internal":  "is known in a private network alone",
	"alt":       "is not in the DNS (RFC 9476)",
}

// CheckSpecialUse returns an error of Kind Invalid if a host in canonical form is a special-use name that is not in the
// DNS.
func CheckSpecialUse(host string) error {
	top := host[strings.LastIndexByte(host, '.')+1:]
	what, special := specialUseNames[top]
	if !special {
		return nil
	}
	return addressError(Clean(host) + " cannot be looked up: what ends in ." + top + " " + what)
}
