module github.com/anacrolix/go-utp

go 1.25.0

require github.com/anacrolix/utp v0.1.0
