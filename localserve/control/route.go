package control

import (
	"context"
	"net/http"
	"reflect"

	"wtptui/engine"
)

// route is one kind of request that the server serves.
type route struct {
	method, path string
	// summary says in a sentence what the request does.
	summary string
	// errorKinds are the kinds of errors that are specific to this request.
	errorKinds []engine.Kind
	// anyVersion allows requests without versionHeader, or with another version.
	anyVersion bool

	handler
}

// handler handles a request, and has the types of its parameters, body and reply.
type handler struct {
	query []parameter
	// request and reply are the types of the bodies; nil for none. If lines is set, the reply is any number of values,
	// one a line.
	request, reply reflect.Type
	lines          bool
	// requestMedia and replyMedia are the media types of bodies that are not JSON; empty for JSON.
	requestMedia, replyMedia string
	// handle serves the request. Its reply is written as JSON, unless it is nil or alreadyWritten.
	handle func(s *server, w http.ResponseWriter, r *http.Request) (reply any, err error)
}

// parameter is a parameter in a request's URL.
type parameter struct {
	name string
	// description says in a sentence what it is.
	description string
	number      bool // else it is a text
	required    bool
}

// alreadyWritten is the reply of a handler that has written the response itself.
type alreadyWritten struct{}

// withReply returns the handler for a function that takes nothing and returns a reply.
func withReply[Reply any](do func(s *server, ctx context.Context) (Reply, error)) handler {
	return handler{
		reply:  reflect.TypeFor[Reply](),
		handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) { return do(s, r.Context()) },
	}
}

// withParameter returns the handler for a function that takes one parameter of the URL.
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

// withBodyAndReply returns the handler for a function that takes the request body and returns a reply.
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

// withBody returns the handler for a function that takes the request body and returns no reply.
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

// withStream returns the handler for a function that writes lines, each of them a Line.
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
