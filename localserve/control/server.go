package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
)

// drainTimeout is how long requests may continue after Serve's context has ended. Watches end at once.
const drainTimeout = time.Second

// Serve serves eng on ln until ctx ends. Then it waits shortly for current requests, closes ln, and returns nil. It
// neither starts nor closes the engine, and refuses requests that are for the program (see ServeProgram). An error of
// the listener is returned.
func Serve(ctx context.Context, ln net.Listener, eng engine.Engine, log *slog.Logger) error {
	return ServeProgram(ctx, ln, eng, log, Program{})
}

// ServeProgram is Serve for a program that also takes requests of its own, such as to stop.
func ServeProgram(ctx context.Context, ln net.Listener, eng engine.Engine, log *slog.Logger, program Program) error {
	srv := &server{engine: eng, log: log, closing: ctx, program: program}
	// A client that has a single connection (see DialOver) needs HTTP/2 for concurrent requests.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	hs := &http.Server{
		Handler:           srv.handler(),
		Protocols:         &protocols,
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	drained := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(drained)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		if hs.Shutdown(grace) != nil {
			hs.Close() // A client that does not read its watch would delay Shutdown for ever.
		}
	})
	err := hs.Serve(ln)
	if !errors.Is(err, http.ErrServerClosed) {
		stop()
		hs.Close()
		return fmt.Errorf("control: serve: %w", err)
	}
	<-drained
	return nil
}

// server serves the requests of clients to an engine.
type server struct {
	engine  engine.Engine
	log     *slog.Logger
	closing context.Context // ends when the server stops, and ends the watches
	program Program
	patches patchCache
}

// handler returns a handler of all routes, and of requests that match none.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range routes() {
		methods[r.path] = append(methods[r.path], r.method)
		mux.HandleFunc(r.method+" "+r.path, s.handle(r))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		allowed := methods[r.URL.Path]
		if len(allowed) == 0 {
			writeError(w, r, &engine.Error{
				Op: "control", Kind: engine.NotFound, Msg: "there is no such request: `wtptui schema openapi` lists them",
			})
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeReply(w, r, http.StatusMethodNotAllowed, toFailure(&engine.Error{
			Op: "control", Kind: engine.Invalid, Msg: "the method of this request must be " + strings.Join(allowed, " or "),
		}))
	})
	return mux
}

// handle returns the handler of a route. It checks the client's protocol, and responds to errors and panics with a
// failure.
func (s *server) handle(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler { //nolint:errorlint // It is never wrapped.
				panic(p)
			}
			if p != nil {
				s.log.Error("control: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				writeError(
					w, r, &engine.Error{Op: "control", Kind: engine.Internal, Msg: "this is a bug in wtptui: its log says more"},
				)
			}
		}()
		if client, _ := strconv.Atoi(r.Header.Get(versionHeader)); client != Protocol && !route.anyVersion {
			writeError(w, r, versionMismatch(client, Protocol))
			return
		}
		limit := int64(maxBody)
		if route.requestMedia != "" {
			limit = maxBackup
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		reply, err := route.handle(s, w, r)
		switch {
		case err != nil:
			writeError(w, r, err)
		case reply == any(alreadyWritten{}):
		case reply != nil:
			writeReply(w, r, http.StatusOK, reply)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}

func readBody(r *http.Request, v any) error {
	err := readJSON(r.Body, v)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &engine.Error{Op: "control", Kind: engine.Invalid, Msg: "the request is incomplete"}
	}
	return &engine.Error{Op: "control", Kind: engine.Invalid, Msg: "the request's JSON is invalid: " + err.Error()}
}

// writeReply writes a reply as JSON, compressed if the client accepts that.
func writeReply(w http.ResponseWriter, r *http.Request, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	out := newStream(w, r, status)
	_ = json.NewEncoder(out.writer).Encode(v) // An error means that the client has gone.
	out.close()
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	f := toFailure(err)
	writeReply(w, r, httpStatus(f.Kind), f)
}
