// Package schematest describes Go values as JSON Schemas (2020-12), and checks documents against them. Names, types
// and what may be missing come from the types themselves, texts from their doc comments. Tests compare the
// descriptions that are kept in the repository with these, and write them again with -update.
//
// It reads the module's source, so only tests use it. It must not know which values a program prints.
//
// Start with Describe.
package schematest
