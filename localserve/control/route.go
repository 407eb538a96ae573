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
	// summary what it does in a sentence.
	summary string
	// errorKinds are the errors to reckon with, besides those that any request may fail with.
	errorKinds []engine.Kind
	// anyVersion reports whether the client need not say which protocol it speaks.
	anyVersion bool

	handler
}

// handler is what goes to and fro.
type handler struct {
	query []parameter
	// request and reply are the types of the bodies; nil for none. With lines, the reply is any number of them, each in
	// a line.
	request, reply reflect.Type
	lines          bool
	// requestMedia and gives are the media types of bodies that are no JSON; empty for others.
	requestMedia, replyMedia string
	// handle answers; its reply is written as JSON, unless it is nil, or written.
	handle func(s *server, w http.ResponseWriter, r *http.Request) (reply any, err error)
}

// parameter is one that stands in the URL.
type parameter struct {
	name string
	// description what it is, in a sentence.
	description string
	number      bool // else it is a text
	required    bool
}

// alreadyWritten is the reply of what has written its response itself.
type alreadyWritten struct{}

// withReply returns the exchange of a function that only returns a reply.
func withReply[Reply any](do func(s *server, ctx context.Context) (Reply, error)) handler {
	return handler{
		reply:  reflect.TypeFor[Reply](),
		handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) { return do(s, r.Context()) },
	}
}

// withParameter returns the exchange of a function with one parameter, which is in the URL.
func withParameter[Reply any](
	p parameter, do func(s *server, ctx context.Context, name string) (Reply, error),
) handler {
	return handler{
		query: []parameter{p}, reply: reflect.TypeFor[Reply](),
		handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
			return do(s, r.Context(), r.URL.Query().Get(p.name))
		},
	}
}

// withBodyAndReply returns the exchange of a function that takes the request body and returns a reply.
func withBodyAndReply[Request, Reply any](
	do func(s *server, ctx context.Context, body Request) (Reply, error),
) handler {
	return handler{
		request: reflect.TypeFor[Request](), reply: reflect.TypeFor[Reply](),
		handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
			var body Request
			if err := readBody(r, &body); err != nil {
				return nil, err
			}
			return do(s, r.Context(), body)
		},
	}
}

// withBody returns the exchange of a function that takes the request body and returns no reply.
func withBody[Request any](do func(s *server, ctx context.Context, body Request) error) handler {
	return handler{
		request: reflect.TypeFor[Request](),
		handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
			var body Request
			if err := readBody(r, &body); err != nil {
				return nil, err
			}
			return nil, do(s, r.Context(), body)
		},
	}
}

// withStream returns the exchange of a function that writes lines.
func withStream[Line any](
	do func(s *server, w http.ResponseWriter, r *http.Request) error, query ...parameter,
) handler {
	return handler{
		query: query, reply: reflect.TypeFor[Line](), lines: true,
		handle: func(s *server, w http.ResponseWriter, r *http.Request) (any, error) {
			return alreadyWritten{}, do(s, w, r)
		},
	}
}
