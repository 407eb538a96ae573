package main

import (
	"strings"
	"testing"
)

func TestPackageNames(t *testing.T) {
	t.Parallel()
	r := release{Version: "1.2.3~rc1"}
	for format, want := range map[string]string{
		deb:       "wtptui_1.2.3~rc1_arm64.deb",
		rpm:       "wtptui-1.2.3~rc1-1.aarch64.rpm",
		archlinux: "wtptui-1.2.3rc1-1-aarch64.pkg.tar.zst",
		apk:       "wtptui-1.2.3_rc1-r0.aarch64.apk",
	} {
		if got := r.packageName(format, "arm64"); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
}

// The description of a package has what belongs to its format, and leaves out what was not given.
func TestNfpmTemplate(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		deb:       "postinstall: scripts/postinst\n",
		rpm:       "buildhost: localhost ",
		archlinux: "packager: \"A <a@a.example>\"\n",
		apk:       "release: r0\n",
	} {
		for _, homepage := range []string{"", "https://a.example/"} {
			r := testRelease
			r.Homepage = homepage
			var text strings.Builder
			err := nfpmTemplate.Execute(&text, recipe{
				release: r, Version: r.For(format), Summary: Summary, Format: format, Processor: "amd64", Scripts: "scripts",
				Files: []recipeFile{{"from", "/to", 0o755, rpmFileType(format, "usr/share/doc/to")}},
			})
			got := text.String()
			if err != nil || strings.Contains(got, "homepage") != (homepage != "") ||
				strings.Contains(got, "type: doc") != (format == rpm) {
				t.Errorf("%s: %v\n%s", format, err, got)
			}
			for _, line := range []string{want, "mtime: 2026-01-02T03:04:05Z\n", "file_info: {mode: 0755}"} {
				if !strings.Contains(got, line) {
					t.Errorf("%s: no %q in\n%s", format, line, got)
				}
			}
		}
	}
}
