package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/engine"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// world is what a program gets from the system.
type world struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	// environ is all of what getenv gives, as NAME=VALUE.
	environ func() []string
	now     func() time.Time
	// patience is how long a person who has pressed tab waits at most.
	patience time.Duration
}

// program is one run of the command line.
type program struct {
	*client
	args []string // the command line
	// ran reports whether the command line was understood: what fails later is no bad usage.
	ran bool
	// look is how the dashboard is to be shown.
	look look
}

func newProgram(w world, s *settings, args []string) *program {
	return &program{client: newClient(w, s), args: args}
}

// run runs one command line and gives the exit code.
func run(ctx context.Context, args []string, w world) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	settings, err := defaultSettings()
	if err != nil {
		fmt.Fprintln(w.stderr, "wtptui:", err)
		return exitFailed
	}
	p := newProgram(w, settings, args)
	root := p.root()
	root.SetArgs(asBrowsersStart(args))
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	return p.report(root.ExecuteContext(ctx))
}

// endOnSignal has the first SIGINT, SIGTERM or SIGHUP end the context of a verb, which it heeds; a second one then has
// its default effect and ends the program at once. Under nohup, no SIGHUP ends anything.
func endOnSignal(cmd *cobra.Command) {
	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		ending = append(ending, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), ending...)
	context.AfterFunc(ctx, stop)
	cmd.SetContext(ctx)
}

// report tells why a command failed, in one line, and gives the exit code.
func (p *program) report(err error) int {
	if err == nil {
		return exitDone
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintln(p.stderr, "wtptui:", engine.Message(err))
	}
	if !p.ran || engine.KindOf(err) == engine.Invalid {
		return exitUsage
	}
	return exitFailed
}

// errReported says that a command has failed and told why already.
var errReported = errors.New("failed")

// usageError makes an error that ends the program with exit code 2.
func usageError(format string, args ...any) error {
	return &engine.Error{Op: "usage", Kind: engine.Invalid, Msg: fmt.Sprintf(format, args...)}
}

func (p *program) root() *cobra.Command {
	var connected *bool
	root := &cobra.Command{
		Use:   "wtptui",
		Short: "wtp:// sites out of BitTorrent swarms, in your browser and in a dashboard",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.dashboard(cmd) },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			p.ran = true
			if !onlyPrints(cmd) {
				endOnSignal(cmd)
			}
			if *connected {
				endWith(cmd, p.stdin)
			}
			p.settings.placeData(p.getenv)
			if err := p.place(); err != nil || p.attachTo != "" || p.look.demo || keepsNothing(cmd) {
				return err
			}
			return p.settings.needHome(p.getenv)
		},
	}
	dataDir := root.PersistentFlags().VarPF(textValue{&p.settings.DataDir, checkPath}, "data-dir", "", "folder for everything that is kept")
	dataDir.DefValue = belowHome(p.settings.dataDir())
	_ = root.MarkPersistentFlagDirname("data-dir") // It has just been registered.
	root.PersistentFlags().StringVar(&p.attachTo, "attach", "", "the engine of another machine, as ssh://user@host[:port][/data/folder]")
	connected = takeWhileConnected(root)
	root.PersistentFlags().StringVar(&p.on, "on", "",
		"the engine of another machine, by its name in config.toml ([fleet.NAME])")
	_ = root.RegisterFlagCompletionFunc("on", p.complete.machines) // It has just been registered.
	root.SetFlagErrorFunc(flagError)
	root.SuggestionsMinimumDistance = 2
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { p.help().show(cmd) })
	root.AddGroup(&cobra.Group{ID: groupRun, Title: "run"}, &cobra.Group{ID: groupSites, Title: "sites"})
	p.addCommands(root)
	return root
}

// addCommands adds to the program the verb that the command line begins with, if it begins with one, otherwise all
// verbs and all flags of its own: they would take longer than most verbs.
func (p *program) addCommands(root *cobra.Command) {
	makers, one := neededMakers(commandMakers(p), p.args)
	for _, m := range makers {
		root.AddCommand(m.make())
	}
	if one {
		root.CompletionOptions.DisableDefaultCmd = true
		return
	}
	root.Version = version()
	takeSettings(p.settings, root)
	p.look.take(root)
	root.SetCompletionCommandGroupID(groupRun)
	completeNothingElse(root)
	addHelp(p, root)
}

// keepsNothing reports whether a verb does without the data folder.
func keepsNothing(cmd *cobra.Command) bool { return onlyPrints(cmd) || isOneOf(cmd, "companion") }

// onlyPrints reports whether a verb prints something and waits for nothing that a signal would have to interrupt: to
// listen for signals takes a tenth of its time.
func onlyPrints(cmd *cobra.Command) bool {
	return isOneOf(cmd, "version", "licenses", "help", "man", "completion", "schema",
		cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd)
}

// isOneOf reports whether a verb is one of these, or a verb of one.
func isOneOf(cmd *cobra.Command, verbs ...string) bool {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		if slices.Contains(verbs, cmd.Name()) {
			return true
		}
	}
	return false
}

// The groups of verbs in the help.
const (
	groupRun   = "run"
	groupSites = "sites"
)

// knownCommand refuses what would be a verb: a misspelt one, or an address that has none.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := engine.Clean(args[0])
	if _, err := engine.ParseAddress(args[0]); err == nil {
		return usageError("%s is an address and no command: `wtptui open %s` opens it", name, name)
	}
	if wtp, isWeb := engine.FromWeb(args[0]); isWeb {
		return usageError("that is a web address; as a wtp site it would be %s: `wtptui open %s` opens it", wtp, wtp)
	}
	return noCommand(root, args[:1])
}

// noCommand says that there is no such verb, or verb of a verb, and which is meant.
func noCommand(root *cobra.Command, words []string) error {
	advice := ": see `wtptui --help`"
	if near := root.SuggestionsFor(words[0]); len(near) > 0 && len(words) == 1 {
		advice = ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError("there is no command %q%s", strings.Join(words, " "), advice)
}

// flagError says in one line which flag was wrong and what is valid.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); !cmd.HasParent() && len(words) > 0 {
		return knownCommand(cmd, words) // Which would have had that flag.
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usageError("--%s: %s", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return usageError("%s: see `%s --help`", err, cmd.CommandPath())
}

// exactly and some check the number of arguments, and say what they should be; addresses also checks that each is one,
// so that a mistake is found before anything is done.

func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError("%s takes %s: wtptui %s", cmd.Name(), what, cmd.Use)
		}
		return nil
	}
}

func some(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError("%s takes %s: wtptui %s", cmd.Name(), what, cmd.Use)
		}
		return nil
	}
}

func addresses(_ *cobra.Command, args []string) error {
	for _, arg := range args {
		if _, err := engine.ParseAddress(arg); err != nil {
			return err
		}
	}
	return nil
}
