package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// environment is what the program gets from its process: streams, variables, and the clock.
type environment struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	// environ returns all variables that getenv knows, as NAME=VALUE.
	environ func() []string
	now     func() time.Time
	// completionTimeout is how long the completion in a shell waits for the engine.
	completionTimeout time.Duration
}

// program is one run of the command line.
type program struct {
	*client
	args []string // the command line
	// parsed reports whether the command line was valid: later errors are not usage errors.
	parsed bool
	// display holds the dashboard's own flags.
	display displayOptions
}

func newProgram(env environment, s *settings, args []string) *program {
	return &program{client: newClient(env, s), args: args}
}

// run runs one command line and returns the exit code.
func run(ctx context.Context, args []string, env environment) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	settings, err := defaultSettings()
	if err != nil {
		fmt.Fprintln(env.stderr, "wtptui:", err)
		return exitFailed
	}
	p := newProgram(env, settings, args)
	root := p.root()
	root.SetArgs(addNativeHostVerb(args))
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	return p.report(root.ExecuteContext(ctx))
}

// endOnSignal makes the first SIGINT, SIGTERM or SIGHUP cancel the context of a verb, which every verb respects. A
// second one has its default effect and ends the program at once. Under nohup, SIGHUP is ignored.
func endOnSignal(cmd *cobra.Command) {
	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		ending = append(ending, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), ending...)
	context.AfterFunc(ctx, stop)
	cmd.SetContext(ctx)
}

// report prints the reason of a failure in one line, and returns the exit code.
func (p *program) report(err error) int {
	if err == nil {
		return exitDone
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintln(p.stderr, "wtptui:", engine.Message(err))
	}
	if !p.parsed || engine.KindOf(err) == engine.Invalid {
		return exitUsage
	}
	return exitFailed
}

// errReported means that a command has failed and has printed the reason already.
var errReported = errors.New("failed")

// usageError returns an error that ends the program with exit code 2.
func usageError(format string, args ...any) error {
	return &engine.Error{Op: "usage", Kind: engine.Invalid, Msg: fmt.Sprintf(format, args...)}
}

// systemReason returns the system's reason for an error of a file, without the operation and the path.
func systemReason(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// root returns the root command, with all verbs.
func (p *program) root() *cobra.Command {
	var connected *bool
	root := &cobra.Command{
		Use:   "wtptui",
		Short: "wtp:// sites out of BitTorrent swarms, in your browser and in a dashboard",
		Args:  checkCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.runDashboard(cmd) },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			p.parsed = true
			if !onlyPrints(cmd) {
				endOnSignal(cmd)
			}
			if *connected {
				cancelAtEOF(cmd, p.stdin)
			}
			p.settings.resolveDataDir(p.getenv)
			if err := p.selectEngine(); err != nil || p.attachTo != "" || p.display.demo || needsNoDataFolder(cmd) {
				return err
			}
			return p.settings.requireHome(p.getenv)
		},
	}
	dataDir := root.PersistentFlags().VarPF(textValue{&p.settings.DataDir, checkPath}, "data-dir", "",
		"folder for everything that is kept")
	dataDir.DefValue = shortenHome(p.settings.dataDir())
	_ = root.MarkPersistentFlagDirname("data-dir") // The flag has just been registered.
	root.PersistentFlags().StringVar(&p.attachTo, "attach", "",
		"the engine of another machine, as ssh://user@host[:port][/data/folder]")
	connected = addWhileConnectedFlag(root)
	root.PersistentFlags().StringVar(&p.machineName, "on", "",
		"the engine of another machine, by its name in config.toml ([fleet.NAME])")
	_ = root.RegisterFlagCompletionFunc("on", p.complete.machines) // The flag has just been registered.
	root.SetFlagErrorFunc(flagError)
	root.SuggestionsMinimumDistance = 2
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { p.newHelpPrinter().printVerb(cmd) })
	root.AddGroup(&cobra.Group{ID: groupRun, Title: "run"}, &cobra.Group{ID: groupSites, Title: "sites"})
	p.addCommands(root)
	return root
}

// addCommands adds the commands that the command line needs: one alone if it begins with a verb, otherwise all verbs,
// and the flags of the dashboard. To make all of them takes longer than most verbs.
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
	addSettingFlags(p.settings, root)
	p.display.addFlags(root)
	root.SetCompletionCommandGroupID(groupRun)
	disableFileCompletion(root)
	addHelp(p, root)
}

// needsNoDataFolder reports whether a verb does not use the data folder.
func needsNoDataFolder(cmd *cobra.Command) bool { return onlyPrints(cmd) || isOneOf(cmd, "companion") }

// onlyPrints reports whether a verb prints something and waits for nothing that a signal has to interrupt. Listening
// for signals would take a tenth of its time.
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

// checkCommand returns an error for arguments without a verb: a misspelt verb, or an address.
func checkCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := engine.Clean(args[0])
	if _, err := engine.ParseAddress(args[0]); err == nil {
		return usageError("%s is an address, not a command: `wtptui open %s` opens it", name, name)
	}
	if wtp, isWeb := engine.WTPURLFromWeb(args[0]); isWeb {
		return usageError("that is a web address; as a wtp site it would be %s: `wtptui open %s` opens it", wtp, wtp)
	}
	return unknownCommandError(root, args[:1])
}

// unknownCommandError returns the error for an unknown verb. It suggests similar ones.
func unknownCommandError(root *cobra.Command, words []string) error {
	advice := ": see `wtptui --help`"
	if near := root.SuggestionsFor(words[0]); len(near) > 0 && len(words) == 1 {
		advice = ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError("there is no command %q%s", strings.Join(words, " "), advice)
}

// flagError returns the error for an invalid flag, in one line, with what is valid.
func flagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); !cmd.HasParent() && len(words) > 0 {
		return checkCommand(cmd, words) // The unknown verb would have had that flag.
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return usageError("--%s: %s", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return usageError("%s: see `%s --help`", err, cmd.CommandPath())
}

// exactArgs and someArgs check the number of arguments, and name what is expected. checkAddresses also checks that each
// argument is an address, so that a mistake is found before anything is done.

func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError("%s takes %s: wtptui %s", cmd.Name(), what, cmd.Use)
		}
		return nil
	}
}

func someArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError("%s takes %s: wtptui %s", cmd.Name(), what, cmd.Use)
		}
		return nil
	}
}

func checkAddresses(_ *cobra.Command, args []string) error {
	for _, arg := range args {
		if _, err := engine.ParseAddress(arg); err != nil {
			return err
		}
	}
	return nil
}
