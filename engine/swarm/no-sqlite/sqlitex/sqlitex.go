// Package sqlitex has the helpers of github.com/go-llsqlite/adapter/sqlitex that the torrent library names. See package
// sqlite.
package sqlitex

import sqlite "github.com/go-llsqlite/adapter"

// Exec returns sqlite.ErrNoSQLite.
func Exec(*sqlite.Conn, string, func(*sqlite.Stmt) error, ...any) error { return sqlite.ErrNoSQLite }

// ExecScript returns sqlite.ErrNoSQLite.
func ExecScript(*sqlite.Conn, string) error { return sqlite.ErrNoSQLite }
