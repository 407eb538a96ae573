package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testSums returns checksums of all archives, each different.
func testSums() map[string]string {
	sums := map[string]string{}
	for _, target := range strings.Fields(allTargets) {
		system, processor, _ := strings.Cut(target, "/")
		sums[archiveName("1.2.3", system, processor)] = fmt.Sprintf("%064x", 0xabc0+len(sums))
	}
	return sums
}

func testManifests(t *testing.T) map[string]string {
	t.Helper()
	made, err := manifests(testRelease, testSums())
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, text := range made {
		texts[strings.TrimPrefix(name, "manifests/")] = string(text)
	}
	return texts
}

// Each manifest has the URLs and sums of its archives, and no URL of anybody else.
func TestManifestsNameTheArchives(t *testing.T) {
	t.Parallel()
	texts := testManifests(t)
	about := map[string]string{
		"homebrew/wtptui.rb":                     "darwin linux",
		"scoop/wtptui.json":                      "windows",
		"winget/wtptui.wtptui.yaml":              "",
		"winget/wtptui.wtptui.installer.yaml":    "windows",
		"winget/wtptui.wtptui.locale.en-US.yaml": "",
		"aur/PKGBUILD":                           "linux",
		"aur/.SRCINFO":                           "linux",
		"nix/flake.nix":                          "darwin linux",
	}
	if len(texts) != len(about) {
		t.Errorf("%d manifests", len(texts))
	}
	for name, systems := range about {
		text := texts[name]
		for archive, sum := range testSums() {
			system := strings.Split(archive, "-")[2]
			url := "https://get.a.example/v1.2.3/" + archive
			want := slices.Contains(strings.Fields(systems), system)
			if strings.Contains(text, url) != want || strings.Contains(strings.ToLower(text), sum) != want {
				t.Errorf("%s of %s in\n%s", archive, sum, text)
			}
		}
		for _, url := range regexp.MustCompile(`https?://[^\s"']+`).FindAllString(text, -1) {
			if !strings.Contains(url, "a.example/") && !strings.HasPrefix(url, "https://aka.ms/winget-manifest.") {
				t.Errorf("%s has %s", name, url)
			}
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "<no value>") || !strings.Contains(text, "1.2.3") {
			t.Errorf("%s is\n%s", name, text)
		}
	}
}

// There are no manifests if an archive was not built.
func TestManifestsOfSomeTargets(t *testing.T) {
	t.Parallel()
	sums := testSums()
	delete(sums, "wtptui-1.2.3-darwin-arm64.tar.gz")
	made, err := manifests(testRelease, sums)
	if err == nil || !strings.Contains(err.Error(), "wtptui-1.2.3-darwin-arm64.tar.gz was not built") {
		t.Errorf("%d manifests, %v", len(made), err)
	}
}

func TestScoop(t *testing.T) {
	t.Parallel()
	var manifest struct {
		Version, Description, Homepage, License, Bin string
		Architecture                                 map[string]struct {
			URL        string
			Hash       string
			ExtractDir string `json:"extract_dir"`
		}
	}
	if err := json.Unmarshal([]byte(testManifests(t)["scoop/wtptui.json"]), &manifest); err != nil {
		t.Fatal(err)
	}
	got := manifest.Architecture["arm64"]
	if manifest.License != "MIT" || manifest.Bin != "wtptui.exe" || manifest.Description != Summary ||
		len(manifest.Architecture) != 2 || got.ExtractDir != "wtptui-1.2.3-windows-arm64" ||
		got.URL != "https://get.a.example/v1.2.3/wtptui-1.2.3-windows-arm64.zip" {
		t.Errorf("%+v", manifest)
	}
}

// The three files of winget have the fields that its schema requires of each.
func TestWinget(t *testing.T) {
	t.Parallel()
	texts := testManifests(t)
	for kind, required := range map[string]string{
		"": "PackageIdentifier PackageVersion DefaultLocale ManifestType ManifestVersion",
		".locale.en-US": "PackageIdentifier PackageVersion PackageLocale Publisher PackageName License ShortDescription " +
			"ManifestType ManifestVersion",
		".installer": "PackageIdentifier PackageVersion InstallerType Installers ManifestType ManifestVersion",
	} {
		text := texts["winget/wtptui.wtptui"+kind+".yaml"]
		for _, field := range strings.Fields(required) {
			if !strings.Contains(text, "\n"+field+":") {
				t.Errorf("no %s in\n%s", field, text)
			}
		}
	}
}

// The recipe for the AUR installs everything that the package for Arch Linux has, and its summary has the same values.
func TestAUR(t *testing.T) {
	t.Parallel()
	texts := testManifests(t)
	recipe, summary := texts["aur/PKGBUILD"], texts["aur/.SRCINFO"]
	for _, c := range shipped {
		if c.install == "" || !inList(c.formats, archlinux) {
			continue
		}
		line := fmt.Sprintf("install -Dm644 %s \"$pkgdir/%s\"\n", c.archive, strings.TrimSuffix(c.install, ".gz"))
		if c.archive == "" || !strings.Contains(recipe, line) {
			t.Errorf("no %s in\n%s", line, recipe)
		}
	}
	for _, field := range []string{"pkgver", "url", "pkgdesc", "source_x86_64", "sha256sums_aarch64"} {
		value := regexp.MustCompile(`(?m)^\t` + field + ` = (.*)$`).FindStringSubmatch(summary)
		if value == nil {
			t.Fatalf("no %s in\n%s", field, summary)
		}
		same := regexp.MustCompile(`(?m)^` + field + `=\(?'?` + regexp.QuoteMeta(value[1]) + `'?\)?$`)
		if !same.MatchString(recipe) {
			t.Errorf("%s is %q in\n%s", field, value, recipe)
		}
	}
}
