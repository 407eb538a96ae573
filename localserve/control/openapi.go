package control

import _ "embed"

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of all requests: a JSON document by OpenAPI 3.1, of which a test says that it is what
// the table of routes and the types in it come to.
func OpenAPI() []byte { return openAPI }
