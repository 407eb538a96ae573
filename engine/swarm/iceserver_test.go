package swarm

import "testing"

func TestParseICEServer(t *testing.T) {
	for in, want := range map[string]ICEServer{
		"stun:stun.example.org:3478":             {URL: "stun:stun.example.org:3478"},
		"stun:127.0.0.1":                         {URL: "stun:127.0.0.1"},
		"turn:me:p@ss:word@turn.example.org:443": {URL: "turn:turn.example.org:443", Username: "me", Password: "p@ss:word"},
		"turns:me:x@[2001:db8::1]?transport=tcp": {URL: "turns:[2001:db8::1]?transport=tcp", Username: "me", Password: "x"},
	} {
		if got, err := ParseICEServer(in); err != nil || got != want {
			t.Errorf("ParseICEServer(%q) = %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "stun", "stun:", "http://example.org", "turn:turn.example.org", "turn:me@turn.example.org",
		"stun:a:b@stun.example.org", "stun:x:99999999",
	} {
		if got, err := ParseICEServer(in); err == nil {
			t.Errorf("ParseICEServer(%q) = %+v", in, got)
		}
	}
}
