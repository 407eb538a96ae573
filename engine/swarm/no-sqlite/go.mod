module github.com/go-llsqlite/adapter

go 1.25.0
