package control

import _ "embed"

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the description of all requests, as JSON in the format of OpenAPI 3.1. A test keeps it equal to the
// routes and their types.
func OpenAPI() []byte { return openAPI }
