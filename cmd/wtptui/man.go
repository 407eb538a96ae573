package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/docs/document"
	"wtptui/cmd/wtptui/docs/roff"
	"wtptui/ui/keys"
)

func manCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "man [config]",
		Short:   "Print the manual page wtptui(1), or wtptui-config(5)",
		GroupID: groupRun,
		Args: func(_ *cobra.Command, words []string) error {
			if len(words) > 1 || len(words) == 1 && words[0] != "config" {
				return usageError("man takes no argument for wtptui(1), or config for wtptui-config(5)")
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions([]cobra.Completion{"config"}, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, words []string) error {
			defaults, err := defaultSettings() // Those of this machine are no one else's business.
			if err != nil {
				return err
			}
			date := releaseDate(p.getenv("SOURCE_DATE_EPOCH"))
			page := manualPage(cmd.Root(), defaults, date)
			if len(words) == 1 {
				page = configPage(defaults, date)
			}
			fmt.Fprint(p.stdout, page)
			return nil
		},
	}
}

// releaseDate returns the date of a Unix time in seconds, which reproducible builds set; empty if it is not set.
func releaseDate(epoch string) string {
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil || seconds <= 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
}

// manualPage returns wtptui(1).
func manualPage(root *cobra.Command, defaults *settings, date string) string {
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	return roff.Page(roff.Header{
		Name: "WTPTUI", Section: 1, Date: date, Source: "wtptui " + version(), Manual: "User Commands",
	}, composeManual("wtptui", map[string]document.Blocks{
		"COMMANDS": manualVerbs(root, defaults),
		"OPTIONS":  manualOptions(root, defaults),
		"KEYS":     {manualKeys()},
	}))
}

// configPage returns wtptui-config(5).
func configPage(defaults *settings, date string) string {
	home := defaults.Home.options()
	isHome := func(o option) bool { return slices.ContainsFunc(home, func(h option) bool { return h.name == o.name }) }
	return roff.Page(roff.Header{
		Name: "WTPTUI-CONFIG", Section: 5, Date: date, Source: "wtptui " + version(), Manual: "File Formats",
	}, composeManual("wtptui-config", map[string]document.Blocks{
		"SETTINGS":     {manualSettings(slices.DeleteFunc(defaults.options(), isHome))},
		"PUBLIC HOMES": {manualSettings(home)},
	}))
}

// composeManual returns the written sections of a man page, with additions at the ends of some.
func composeManual(name string, additions map[string]document.Blocks) (page document.Blocks) {
	text, _ := docs.Manual(name)
	var pending document.Blocks
	for _, b := range text {
		if h, ok := b.(document.Heading); ok && h.Level <= 2 {
			page, pending = append(page, pending...), additions[h.Text.String()]
		}
		page = append(page, b)
	}
	return append(page, pending...)
}

// manualVerbs returns the section of verbs. It omits flags that are settings, which have a page of their own.
func manualVerbs(root *cobra.Command, defaults *settings) (page document.Blocks) {
	var verbs []*cobra.Command
	for _, cmd := range root.Commands() {
		if isShown(cmd) {
			verbs = append(verbs, cmd)
			verbs = append(verbs, cmd.Commands()...)
		}
	}
	for _, cmd := range verbs {
		if !isShown(cmd) {
			continue
		}
		description, examples := verbText(cmd)
		usage := strings.TrimPrefix(cmd.UseLine(), root.Name()+" ")
		page = append(page, document.Heading{Level: 3, Text: document.Text(strings.TrimSuffix(usage, " [flags]"))})
		page = append(page, description...)
		own := func(f *pflag.Flag) bool { return f.Name != "help" && !isSetting(f, root, defaults) }
		if list := describeFlagSet(cmd.LocalNonPersistentFlags(), own); len(list) > 0 {
			page = append(page, list)
		}
		if examples != "" {
			page = append(page, document.Paragraph{Text: document.Text("Examples:")}, document.Code{Text: examples})
		}
	}
	return page
}

// isSetting reports whether a flag is a setting. A verb may have another flag with the name of one.
func isSetting(f *pflag.Flag, root *cobra.Command, defaults *settings) bool {
	rootFlag := root.Flags().Lookup(f.Name)
	return rootFlag != nil && rootFlag.Value.Type() == f.Value.Type() &&
		slices.ContainsFunc(defaults.options(), func(o option) bool { return o.name == f.Name })
}

// manualOptions returns the options of the program itself. It omits the data folder of the machine that prints the
// page.
func manualOptions(root *cobra.Command, defaults *settings) document.Blocks {
	own := func(f *pflag.Flag) bool { return f.Name != "data-dir" && !isSetting(f, root, defaults) }
	dataDir := definition("--data-dir", root.PersistentFlags().Lookup("data-dir").Usage+" (see FILES)")
	dataDir.Term = append(dataDir.Term, document.Span{Text: " "}, document.Span{Text: "DIR", Style: document.Emphasis})
	list := append(describeFlagSet(root.PersistentFlags(), own), dataDir)
	return document.Blocks{append(list, describeFlagSet(root.LocalNonPersistentFlags(), own)...)}
}

// manualKeys returns the keys that the dashboard shows at its foot.
func manualKeys() (list document.Definitions) {
	for _, k := range (*keys.Map)(nil).Footer(keys.Verbs, keys.Main, keys.Global) {
		list = append(list, definition(strings.Join(k.Keys, ", "), k.Help))
	}
	return list
}

// manualSettings returns the settings, with their types and defaults.
func manualSettings(options []option) (list document.Definitions) {
	for _, o := range options {
		d := definition(o.name, upperFirst(o.usage)+".")
		d.Term = append(d.Term, document.Span{Text: " (" + settingType(o.value) + ")"})
		switch value := tomlValue(o); {
		case value == `""`, value == "[]":
		case strings.Contains(value, "\n"):
			d.Blocks = append(d.Blocks, document.Paragraph{Text: document.Text("Default:")}, document.Code{Text: value + "\n"})
		default:
			d.Blocks = append(d.Blocks, document.Paragraph{Text: document.Inline("Default: `" + value + "`.")})
		}
		list = append(list, d)
	}
	return list
}

// settingType returns the type of a setting's value, in words.
func settingType(value pflag.Value) string {
	switch v := value.(type) {
	case boolValue:
		return "true or false"
	case portValue:
		return "port, 0 to 65535"
	case countValue:
		return fmt.Sprintf("number, %d to %d", v.min, v.max)
	case durationValue:
		return "length of time, at least " + shortDuration(v.atLeast)
	case periodValue:
		return "length of time, at least " + shortDuration(v.atLeast) + ", or 0"
	case sizeValue:
		return "size"
	case rateValue:
		return "size per second, or none"
	case ratioValue:
		return "number"
	case *listValue:
		if v.Type() == "url" {
			return "list of URLs"
		}
		return "list of texts"
	}
	return "text"
}
