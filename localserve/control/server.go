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

// drainTimeout is how long requests may go on after Serve's context has ended; watches end at once.
const drainTimeout = time.Second

// Serve answers on ln for eng until ctx ends, then lets running requests end, closes ln, and returns nil. It neither
// starts nor closes the engine, nor can anything be asked of the program (see ServeProgram). An error of the listener
// is returned as it is.
func Serve(ctx context.Context, ln net.Listener, eng engine.Engine, log *slog.Logger) error {
	return ServeProgram(ctx, ln, eng, log, Program{})
}

// ServeProgram is Serve for a program of which others may ask more than its engine does.
func ServeProgram(ctx context.Context, ln net.Listener, eng engine.Engine, log *slog.Logger, program Program) error {
	srv := &server{engine: eng, log: log, closing: ctx, program: program}
	// A client at the end of a line that carries one connection only needs HTTP/2 to ask several things at once.
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
			hs.Close() // A watcher that does not read keeps its request from ending.
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

// server answers requests from an engine.
type server struct {
	engine  engine.Engine
	log     *slog.Logger
	closing context.Context // ends the watches
	program Program
	patches patchCache
}

// handler answers what is in the table of routes, and says of all else that it is not.
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
			Op: "control", Kind: engine.Invalid, Msg: "the method of this request is " + strings.Join(allowed, " or "),
		}))
	})
	return mux
}

// handle checks the client's protocol, and turns errors, panics included, into failures.
func (s *server) handle(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == http.ErrAbortHandler { //nolint:errorlint // It is thrown as it is.
				panic(p)
			}
			if p != nil {
				s.log.Error("control: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				writeError(
					w, r, &engine.Error{Op: "control", Kind: engine.Internal, Msg: "wtptui has a bug there: its log says more"},
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
		return &engine.Error{Op: "control", Kind: engine.Invalid, Msg: "the request is cut off"}
	}
	return &engine.Error{Op: "control", Kind: engine.Invalid, Msg: "the request is not what was expected: " + err.Error()}
}

// writeReply writes what may be large: it is compressed for a client that asks for it.
func writeReply(w http.ResponseWriter, r *http.Request, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	out := newStream(w, r, status)
	_ = json.NewEncoder(out.writer).Encode(v) // What cannot be written has no reader any more.
	out.close()
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	f := toFailure(err)
	writeReply(w, r, httpStatus(f.Kind), f)
}
