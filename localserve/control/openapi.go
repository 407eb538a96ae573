package control

import _ "embed"

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of all requests: a JSON document by OpenAPI 3.1, which a test
// compares with the table of routes and its types.
func OpenAPI() []byte { return openAPI }
