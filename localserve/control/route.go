package control

import (
	"context"
	"net/http"
	"reflect"

	"wtptui/engine"
)

// route is one request that the server answers. What it takes and gives are the types of the function that does it.
type route struct {
	method, path string
	// says what it does in a sentence.
	says string
	// kinds are the errors to reckon with, besides those that any request may fail with.
	kinds []engine.Kind
	// anyVersion reports whether the client need not say which protocol it speaks.
	anyVersion bool

	exchange
}

// exchange is what goes to and fro.
type exchange struct {
	query []parameter
	// request and reply are the types of the bodies; nil for none. With lines, the reply is any number of them, each in
	// a line.
	request, reply reflect.Type
	lines          bool
	// takes and gives are the media types of bodies that are no JSON; empty for others.
	takes, gives string
	// do answers; its reply is written as JSON, unless it is nil, or written.
	do func(s *server, w http.ResponseWriter, r *http.Request) (reply any, err error)
}

// parameter is one that stands in the URL.
type parameter struct {
	name string
	// says what it is, in a sentence.
	says     string
	number   bool // else it is a text
	required bool
}

// written is the reply of what has written its response itself.
type written struct{}

// answering makes an exchange of what gives a reply without being told anything.
func answering[Reply any](do func(s *server, ctx context.Context) (Reply, error)) exchange {
	return exchange{
		reply: reflect.TypeFor[Reply](),
		do:    func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) { return do(s, r.Context()) },
	}
}

// about makes an exchange of what is about one thing, which stands in the URL.
func about[Reply any](p parameter, do func(s *server, ctx context.Context, name string) (Reply, error)) exchange {
	return exchange{
		query: []parameter{p}, reply: reflect.TypeFor[Reply](),
		do: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
			return do(s, r.Context(), r.URL.Query().Get(p.name))
		},
	}
}

// taking makes an exchange of what takes a body and gives a reply.
func taking[Request, Reply any](do func(s *server, ctx context.Context, body Request) (Reply, error)) exchange {
	return exchange{
		request: reflect.TypeFor[Request](), reply: reflect.TypeFor[Reply](),
		do: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
			var body Request
			if err := readBody(r, &body); err != nil {
				return nil, err
			}
			return do(s, r.Context(), body)
		},
	}
}

// obeying makes an exchange of what takes a body and gives nothing.
func obeying[Request any](do func(s *server, ctx context.Context, body Request) error) exchange {
	return exchange{
		request: reflect.TypeFor[Request](),
		do: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
			var body Request
			if err := readBody(r, &body); err != nil {
				return nil, err
			}
			return nil, do(s, r.Context(), body)
		},
	}
}

// streaming makes an exchange of what writes lines.
func streaming[Line any](
	do func(s *server, w http.ResponseWriter, r *http.Request) error, query ...parameter,
) exchange {
	return exchange{
		query: query, reply: reflect.TypeFor[Line](), lines: true,
		do: func(s *server, w http.ResponseWriter, r *http.Request) (any, error) { return written{}, do(s, w, r) },
	}
}
