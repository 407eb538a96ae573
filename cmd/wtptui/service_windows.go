package main

import (
	"context"
	"time"

	"golang.org/x/sys/windows/svc"
)

// asService runs the program. If Windows' service manager has started it, that is told how far it is, and ends it as a
// signal does elsewhere.
func asService(program func(context.Context) int) int {
	if !isService() {
		return program(context.Background())
	}
	s := &service{program: program, code: exitFailed}
	if err := svc.Run("wtptui", s); err != nil {
		return exitFailed
	}
	return s.code
}

// isService reports whether Windows' service manager has started the program.
func isService() bool {
	is, err := svc.IsWindowsService()
	return err == nil && is
}

// service is the program for the service manager.
type service struct {
	program func(context.Context) int
	code    int // its exit code, once it has ended
}

// Execute implements svc.Handler. A code other than 0 is told as the service's own: 2 for settings that it refuses.
func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	ended := make(chan int, 1)
	go func() { ended <- s.program(ctx) }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case s.code = <-ended:
			return s.code != exitDone, uint32(s.code) // Exit codes are 0 to 2.
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				end()
				status <- svc.Status{State: svc.StopPending, WaitHint: uint32(2 * drainTime / time.Millisecond)}
			}
		}
	}
}
