package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine"
)

// publishRun is one run of the verb publish.
type publishRun struct {
	*client

	req   engine.PublishRequest
	watch bool
	probe bool
	hook  string
	// hookLimit is how long the hook may run.
	hookLimit time.Duration
	asJSON    bool
	// newKey reports whether the key of the request does not exist yet.
	newKey bool
	// loader is the folder for --loader; nil without that flag.
	loader *loaderFolder
}

func publishCommand(c *client) *cobra.Command {
	pub := publishRun{client: c, hookLimit: 10 * time.Minute}
	loaderDir := ""
	cmd := &cobra.Command{
		Use:     "publish [DIR]",
		Short:   "Publish a folder as a site, or as a new version of one",
		GroupID: groupSites,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && loaderDir != "" {
				return checkLoaderFlags(cmd)
			}
			return exactArgs(1, "one folder")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if cmd.Flags().Changed("loader") {
				if pub.loader, err = c.newLoaderFolder(cmd, loaderDir); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				return c.withEngine(pub.rewriteLoader)(cmd, args)
			}
			if pub.watch && c.attachTo != "" {
				return pub.watchRemotely(cmd, args)
			}
			if err := pub.prepare(args[0]); err != nil {
				return err
			}
			publish := func(ctx context.Context, eng engine.Engine, _ []string) error { return pub.run(ctx, eng) }
			return c.withEngine(publish)(cmd, args)
		},
		ValidArgsFunction: completeArgs(completeFolders),
	}
	pub.flags(cmd.Flags(), &loaderDir)
	addJSONFlag(cmd, &pub.asJSON)
	_ = cmd.RegisterFlagCompletionFunc("key", c.complete.engineKeys) // The flag has just been registered.
	return cmd
}

func (p *publishRun) flags(f *pflag.FlagSet, loaderDir *string) {
	f.StringVar(&p.req.Name, "name", "", "the domain that the site has, or will have")
	f.StringVar(&p.req.Key, "key", "",
		"key that signs where the site is, and is its address; made if there is none of that name")
	f.BoolVar(&p.req.TakeOver, "take-over", false, "publish although the newest record of the key was signed elsewhere")
	f.BoolVar(&p.watch, "watch", false, "publish a new version whenever the folder has changed, until interrupted")
	f.BoolVar(&p.req.DryRun, "dry-run", false, "check and hash, and change nothing")
	f.BoolVar(&p.req.InPlace, "in-place", false,
		"seed from the folder itself, without a copy: for huge ones that do not change")
	f.BoolVar(&p.req.Paranoid, "paranoid", false, "read every file again, whatever its size and time say")
	f.BoolVar(&p.probe, "probe", false,
		"fetch the site as a visitor would afterwards, and say whether browsers and torrent clients can")
	f.StringVar(&p.hook, "hook", "",
		"shell command to run after each new version, on the machine that publishes")
	f.Var(durationValue{&p.hookLimit, time.Second}, "hook-limit",
		"how long the hook may take before it is ended, with all that it has started")
	f.StringArrayVar(&p.req.Keep, "keep", nil, "publish this path whatever the check says, repeatable")
	f.StringArrayVar(&p.req.LeaveOut, "leave-out", nil, "publish without this path, repeatable")
	f.BoolVar(&p.req.Fresh, "fresh", false, "forget what was kept and left out when the folder was published last")
	f.BoolVar(&p.req.WriteIgnore, "write-ignore", false,
		"write the paths of --leave-out, also those of last time, into the folder's .wtpignore")
	f.StringVar(loaderDir, "loader", "", "also write the loader for browsers into this folder, for a static host")
	f.StringVar(&p.req.PublicURL, "loader-url", "", "address that the folder of --loader has on its host, or none")
}

// watchRemotely runs the verb on the other machine, which watches a folder there.
func (p *publishRun) watchRemotely(cmd *cobra.Command, args []string) error {
	if cmd.Flags().Changed("loader") {
		return usageError("--watch with --loader works on this machine only: leave out one of them")
	}
	if _, err := p.absFolder(args[0]); err != nil {
		return err
	}
	if err := p.runOnMachine(cmd, args, true); cmd.Context().Err() == nil {
		return err
	}
	return nil // A watch lasts until it is interrupted, which is not an error.
}

// checkLoaderFlags returns an error for flags that need a folder to publish, when only the loader is written.
func checkLoaderFlags(cmd *cobra.Command) (err error) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Name != "loader" && f.Name != "json" && err == nil && cmd.Flags().Lookup(f.Name) == f {
			err = usageError("--%s needs a folder to publish: wtptui publish --loader DIR --%s … FOLDER",
				f.Name, f.Name)
		}
	})
	return err
}

// prepare checks and completes the request, as far as possible without the engine.
func (p *publishRun) prepare(dir string) (err error) {
	if p.watch && (p.req.DryRun || p.probe) {
		err = usageError("--watch cannot be combined with --dry-run or --probe: publish without --watch to use them")
	}
	if err == nil {
		err = p.checkKey()
	}
	if err == nil {
		p.req.Dir, err = p.absFolder(dir)
	}
	if err == nil {
		err = p.normalizePaths()
	}
	if err == nil && p.req.PublicURL != "" && p.req.PublicURL != engine.NoPublicURL {
		if p.req.PublicURL, err = engine.ParsePublicURL(p.req.PublicURL); err != nil {
			err = usageError("--loader-url: %s", engine.Message(err))
		}
	}
	if err == nil && p.loader != nil {
		err = p.loader.check(p.req.Dir, !p.req.DryRun)
	}
	return err
}

func expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

func (p *publishRun) run(ctx context.Context, eng engine.Engine) error {
	if p.watch {
		return p.watchFolder(ctx, eng)
	}
	found := p.printFindings
	if p.asJSON {
		found = p.printVisitorNotes
	}
	result, err := p.publish(ctx, eng, found)
	if p.asJSON {
		return p.printDocument(ctx, eng, result, err)
	}
	if err != nil && (p.req.DryRun || result.Host == "") {
		return err
	}
	p.printResult(ctx, eng, result)
	if err != nil || p.req.DryRun { // It may be published, and something have failed after that.
		return err
	}
	if err := p.writeAndPrintLoader(ctx, eng, result, p.stdout); err != nil {
		return err
	}
	if err := p.runHook(ctx, result); err != nil {
		return err
	}
	reach, err := p.probeSite(ctx, eng, result.Host)
	if reach != nil {
		fmt.Fprintf(p.stdout, "\n%s\n", engine.Clean(reach.Verdict))
	}
	return err
}

// publicationDocument is the output of publish --json.
type publicationDocument struct {
	engine.Publication

	// Loader is the loader that was written with --loader, and Probe the result of --probe.
	Loader *loaderReport `json:"loader,omitempty"`
	Probe  *engine.Reach `json:"probe,omitempty"`
}

// printDocument does what run does after publishing, and prints one document of all outcomes. Once the folder is
// published, a document is printed even if the loader, the hook or the probe fails.
func (p *publishRun) printDocument(ctx context.Context, eng engine.Engine, r engine.Publication, err error) error {
	if err != nil && engine.KindOf(err) != engine.Refused && (p.req.DryRun || r.Host == "") {
		return err
	}
	doc := publicationDocument{Publication: r}
	if err == nil && !p.req.DryRun {
		doc.Loader, err = p.writePublishedLoader(ctx, eng, r)
		if err == nil {
			err = p.runHook(ctx, r)
		}
		if err == nil {
			doc.Probe, err = p.probeSite(ctx, eng, r.Host)
		}
	}
	if printErr := printJSON(p.stdout, doc); printErr != nil {
		return printErr
	}
	return err
}

// publish publishes the folder and shows the progress on a terminal. It calls found with the findings of the check
// before anything is copied.
func (p *publishRun) publish(
	ctx context.Context, eng engine.Engine, found func([]engine.Finding),
) (engine.Publication, error) {
	progressLine := newProgress(p.stderr)
	defer progressLine.clear()
	p.detectNewKey(ctx, eng)
	return eng.Publish(ctx, p.req, func(at engine.PublishProgress) {
		if len(at.Findings) > 0 {
			progressLine.clear()
			found(at.Findings)
		}
		fmt.Fprintf(progressLine.w, "%s%s  %d of %d files  %s of %s", eraseLine, at.Stage, at.Files, at.AllFiles,
			formatBytes(at.Bytes), formatBytes(at.AllBytes))
	})
}

// printVisitorNotes prints the findings that visitors have to confirm: with --json the document shows them only at the
// end.
func (p *publishRun) printVisitorNotes(findings []engine.Finding) {
	for _, f := range findings {
		if f.Choice == engine.ChoiceNote && (f.Code == engine.FindingManyFiles || f.Code == engine.FindingLargeSite) {
			fmt.Fprintln(p.stderr, "wtptui:", f.Why)
		}
	}
}

// describeDNS returns whether DNS names what was published, and if not, until when resolvers may return the old answer.
// A site with a key is published as soon as DNS names the key.
func describeDNS(r engine.Publication, name engine.Name, err error) string {
	switch key := r.Key.Host; {
	case err == nil && key != "" && name.NextKey == key:
		return "DNS has them, but another key still decides, " + name.Key +
			": `wtptui accept-key " + r.Host + "` accepts this one."
	case err == nil && key != "" && name.Key == key && name.NextKey != "":
		return "DNS does not have them: it names another key, " + name.NextKey + "."
	case err == nil && key != "" && name.Key == key:
		return "DNS names the key, and a new version needs no change in DNS."
	case err != nil:
		return "Whether DNS has them could not be found out: " + engine.Message(err)
	case name.ErrorKind == engine.Unavailable: // What is known then is from before.
		return "Whether DNS has them could not be found out: " + name.Error
	case name.Infohash == "" || name.Stale:
		return "DNS does not have them yet: " + name.Error
	case key != "":
		return "DNS does not have them yet: it does not name the key."
	case name.Infohash == r.Infohash:
		return "DNS has them: " + name.Source + " says so. All resolvers will by " + formatTime(name.Expires) + "."
	}
	return "DNS does not have them yet: it names " + name.Infohash +
		". Once you have changed the records, all resolvers follow within " +
		name.Expires.Sub(name.At).String() + "."
}

// runHook runs the person's own command.
func (p *publishRun) runHook(ctx context.Context, r engine.Publication) error {
	if p.hook == "" {
		return nil
	}
	name := "" // The folder may have got its name in an earlier publication.
	if engine.IsDomain(r.Host) {
		name = r.Host
	}
	environ := []string{
		"WTP_INFOHASH=" + r.Infohash, "WTP_HOST=" + r.Host, "WTP_URL=" + r.URL, "WTP_NAME=" + name,
		"WTP_KEY=" + r.Key.Host, "WTP_PREVIOUS=" + r.Previous, "WTP_DIR=" + p.req.Dir,
	}
	if p.loader != nil {
		environ = append(environ, "WTP_LOADER="+p.loader.dir)
	}
	// A hook that runs beside a watch must not ask the person anything.
	bounds := command.Options{Timeout: p.hookLimit, Terminal: !p.watch && isTerminal(p.stderr)}
	if err := (command.Command{Shell: p.hook}).Run(ctx, bounds, environ, p.stderr); err != nil {
		return &engine.Error{
			Op: "hook", Kind: engine.Unavailable,
			Msg: "the site was published, but the hook failed: " + engine.Clean(err.Error()) + ": correct the command",
		}
	}
	return nil
}

// probeSite finds out who can load the site, with --probe.
func (p *publishRun) probeSite(ctx context.Context, eng engine.Engine, host string) (*engine.Reach, error) {
	if !p.probe {
		return nil, nil
	}
	r, err := eng.Probe(ctx, host)
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(term.File)
	return ok && term.IsTerminal(f.Fd())
}

// wasInterrupted reports whether a person has ended a watch, which is not a failure.
func wasInterrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (err == nil || engine.KindOf(err) == engine.Unavailable || errors.Is(err, context.Canceled))
}
