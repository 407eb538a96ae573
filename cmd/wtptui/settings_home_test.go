package main

import (
	"strings"
	"testing"
)

func TestHomes(t *testing.T) {
	const hash = "0123456789abcdef0123456789abcdef01234567"
	for in, want := range map[string]string{
		"example.org":                                "example.org example.org",
		"WWW.Example.org.=wtp://Docs.Org/":           "www.example.org docs.org",
		"www.example.org=" + hash:                    "www.example.org " + hash,
		"bücher.example=magnet:?xt=urn:btih:" + hash: "xn--bcher-kva.example " + hash,
		"home.lan=docs.org":                          "home.lan docs.org",
		"home.local=docs.org":                        "home.local docs.org", // a name that the local network knows
	} {
		name, host, err := parseHome(in)
		if got := name + " " + host; err != nil || got != want {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"":                        "is not a home",
		"localhost":               "is not a home",
		"192.0.2.1=docs.org":      "is not a home",
		hash:                      "is not a home",
		"example.org:443":         "is not a home",
		"*.example.org":           "is not a home",
		"https://example.org":     "is not a home",
		"home.local":              "home.local=SITE",
		"example.org=":            "nothing was given",
		"example.org=x":           "not a domain, an infohash or a key",
		"example.org=./x.torrent": "add a .torrent file first",
	} {
		if _, _, err := parseHome(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestHomeSettingCombinations(t *testing.T) {
	for _, tt := range []struct{ flags, want string }{
		{"--home a.example --home b.example=c.example", ""},
		{"--home a.example=b.example --home A.example", "a.example two sites"},
		{"--home a.example --home-cert x", "belong together"},
		{"--home a.example --home-cert x --home-key y --home-plain", "give one of them"},
		{"--home a.example --home-listen-http none", ""},
		{"--home a.example --home-tracker off --home-listen-udp :6969", "switches off"},
		{"--home a.example --home-tracker off --home-listen-udp none", ""},
		{"--home a.example --home-tracker open --home-listen-udp none", ""},
		{"--home a.example --home-ask", ""},
		{"--home a.example --home-ask --home-loader off", "switches off"},
		{"--home a.localhost=docs.org", "no authority has a certificate"},
		{"--home a.localhost=docs.org --home-plain", ""},
	} {
		_, err := loadSettings(t, "", nil, strings.Fields(tt.flags)...)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.flags, err)
		}
	}
}

func TestHomeSettingsAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"home-acme", "http://acme.example/", "is not an ACME directory"},
		{"home-log", "all", "nothing, requests or addresses"},
		{"home-listen", "443", "give one like :443"},
		{"home-listen-http", "80", "give one like :80, or none"},
		{"home-tracker", "on", "give kept, open or off"},
		{"home-loader", "yes", "is neither on nor off"},
		{"home-listen-udp", "6969", "give one like :6969, or none"},
		{"home-contact", "\x1b[2Jme", "cannot be shown"},
	} {
		var s settings
		err := findOption(s.options(), tt.name).value.Set(tt.value)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("--%s %q: %v", tt.name, tt.value, err)
		}
	}
}

// The address of a home has the port for visitors, unless it is the default port or a proxy is in front.
func TestHomeAddresses(t *testing.T) {
	for _, tt := range []struct {
		settings homeSettings
		port     string
		want     string
	}{
		{homeSettings{}, "443", "https://a.example/"},
		{homeSettings{}, "8443", "https://a.example:8443/"},
		{homeSettings{Plain: true}, "8080", "https://a.example/"},
		{homeSettings{Plain: true, Homes: []string{"a.localhost=b.example"}}, "8080", "http://a.localhost:8080/"},
		{homeSettings{Homes: []string{"a.localhost=b.example"}}, "8443", "https://a.localhost:8443/"},
	} {
		if tt.settings.Homes == nil {
			tt.settings.Homes = []string{"a.example"}
		}
		if got := tt.settings.homesAt(tt.port); len(got) != 1 || got[0].URL != tt.want {
			t.Errorf("%+v: %v", tt.settings, got)
		}
	}
}

func TestTrackerUDPAddress(t *testing.T) {
	for _, tt := range []struct {
		settings homeSettings
		want     string
	}{
		{homeSettings{}, ":6969"},
		{homeSettings{Listen: ":8443"}, ":6969"},
		{homeSettings{Listen: "192.0.2.7:443"}, "192.0.2.7:6969"},
		{homeSettings{Listen: "[2001:db8::7]:443"}, "[2001:db8::7]:6969"},
		{homeSettings{Listen: "192.0.2.7:443", ListenUDP: ":7000"}, ":7000"},
		{homeSettings{Listen: "192.0.2.7:443", ListenUDP: "none"}, "none"},
		{homeSettings{Plain: true}, ":6969"},
		{homeSettings{Plain: true, Listen: "127.0.0.1:8081"}, ":6969"},
		{homeSettings{Tracker: "off"}, "none"},
	} {
		if got := tt.settings.udpAddr(); got != tt.want {
			t.Errorf("%+v: %s", tt.settings, got)
		}
	}
}
