// Package sqlite is a stand-in for github.com/go-llsqlite/adapter that has no SQLite in it.
//
// With cgo on, the torrent library's storage package compiles SQLite, 250,000 lines of C, for a record of finished pieces
// that this program never opens: engine/swarm/disk keeps its own. The stand-in has the symbols that the library names, so
// that it builds the same with cgo on and off, and each call returns ErrNoSQLite.
package sqlite

import "errors"

// ErrNoSQLite is what every call returns.
var ErrNoSQLite = errors.New("sqlite: this program is built without SQLite")

// Conn is a connection to a database. There are none.
type Conn struct{}

// Stmt is a prepared statement. There are none.
type Stmt struct{}

// OpenConn returns ErrNoSQLite, so that no other call is ever made.
func OpenConn(string, int) (*Conn, error) { return nil, ErrNoSQLite }

// Close returns ErrNoSQLite.
func (*Conn) Close() error { return ErrNoSQLite }

// ColumnInt returns 0.
func (*Stmt) ColumnInt(int) int { return 0 }
