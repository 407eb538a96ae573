package markup

import (
	"slices"
	"testing"
)

func TestReferencesOfPage(t *testing.T) {
	tests := map[string][]string{
		`<link rel=stylesheet href=a.css><link rel="stylesheet" media=" Print" href=b.css>` +
			`<link rel=stylesheet disabled href=c.css>`: {
			"1 a.css", "5 b.css", "5 c.css",
		},
		`<link rel="alternate stylesheet" href=d.css><link rel=next href=n><link rel=canonical href=c>` +
			`<link rel=preconnect href=p>`: {
			"5 d.css", "7 n",
		},
		`<link rel=preload as=style href=a.css><link rel=preload as=script href=a.js>` +
			`<link rel=preload as=font href=f.woff2>`: {
			"1 a.css", "1 a.js", "2 f.woff2",
		},
		`<link rel=preload as=image href=a.png><link rel=preload as=image imagesrcset="b.png 1x">` +
			`<link rel=preload as=fetch href=d>`: {
			"3 a.png", "3 b.png", "3 d",
		},
		`<link rel=modulepreload href=m.js><link rel=prefetch href=n.js><link rel=icon href=i.png>` +
			`<link rel=manifest href=m>`: {
			"3 m.js", "5 n.js", "5 i.png", "5 m",
		},
		`<script src=a.js></script><script defer src=b.js></script><script async src=c.js>` +
			`</script><script type=module src=d.js></script>`: {
			"1 a.js", "3 b.js", "5 c.js", "3 d.js",
		},
		`<script type=module async src=a.js></script><script nomodule src=b.js></script>` +
			`<script type=text/template src=c.js></script>`: {
			"5 a.js",
		},
		`<head><script type="text/javascript" src=a.js></script></head><body><script src=b.js></script>`: {
			"1 a.js", "3 b.js",
		},
		`<script src=a.js></script><p><script src=b.js></script>`: {
			"1 a.js", "3 b.js",
		},
		`<script type=module>import "./a.js"; import x from "react"</script><script>import "./b.js"</script>`: {
			"3 ./a.js",
		},
		`<img src=a.png srcset="b.png 2x, c.png 3x"><img loading=lazy src=d.png><iframe src=e>` +
			`</iframe><iframe loading=lazy src=f></iframe>`: {
			"3 a.png", "3 b.png", "5 d.png", "3 e", "5 f",
		},
		`<video src=a.mp4 poster=b.png><source src=c.mp4><track src=d.vtt></video><audio src=e.ogg></audio>`: {
			"3 b.png", "5 a.mp4", "5 c.mp4", "5 d.vtt", "5 e.ogg",
		},
		`<picture><source srcset="a.avif"><img src=b.png></picture><input src=c.png><object data=d></object><embed src=e>`: {
			"3 a.avif", "3 b.png", "3 c.png", "3 d", "3 e",
		},
		`<svg><image href=a.png /><use xlink:href="b.svg#x" /><use href="#y" /><a xlink:href=c></a></svg>`: {
			"3 a.png", "3 b.svg#x", "7 c",
		},
		`<a href="a?x=1&amp;y=2">, <a href="#x">, <a href=" b ">, <area href=c>`: {
			"7 a?x=1&y=2", "7 b", "7 c",
		},
		`<base target=x><base href=" /a/ "><base href="/b/"><a href=x>`: {
			"base /a/", "7 x",
		},
		`<meta http-equiv=refresh content="3; url='a'"><meta name=x content="3; url=b">`: {
			"7 a",
		},
		`<style>@import "a.css"; p{background:url(b.png)}</style>` +
			`<style media=print>@import "c.css"; p{background:url(d.png)}</style>`: {
			"1 a.css", "3 b.png", "5 c.css", "5 d.png",
		},
		`<p style="background:url(&quot;a.png&quot;)"><td background=b.png><rect fill="url(c.svg#x)">`: {
			"3 a.png",
			"3 b.png", "3 c.svg#x",
		},
		`<img src="data:image/png;base64,x"><img src=""><img>`:                                                   nil,
		`<!-- <img src=a> --><script>"<img src=b>"</script><textarea><img src=c></textarea><title><img></title>`: nil,
	}
	for page, want := range tests {
		if got := references(HTML, page); !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %q\nwant %q", page, got, want)
		}
	}
}

func TestImports(t *testing.T) {
	tests := map[string][]string{
		`import "./a.js"`: {"./a.js"},
		`import x from './a.js';import * as y from "/b.js"`:                                             {"./a.js", "/b.js"},
		"import {\n a, // from 'x'\n b as c }\nfrom\n\"../a.js\"":                                       {"../a.js"},
		`import x,{y as "z z"}from"./a.js";export*from"./b.js"`:                                         {"./a.js", "./b.js"},
		`export {a, default as b} from "./a.js"; export * as n from "./b.js"`:                           {"./a.js", "./b.js"},
		`export const from = "./a.js"; export default "./b.js"; export {a}; x = "./c.js"`:               nil,
		`import("./a.js"); import.meta.url; x.import "./b.js"`:                                          nil,
		`// import "./a.js"` + "\n" + `/* import "./b.js" */ "import './c.js'"; ` + "`import './d.js'`": nil,
		`x = /import "/; import "./a.js"; y = a / b; import "./b.js"`:                                   {"./a.js", "./b.js"},
		`if (x) return /"/; import "./a.js"`:                                                            {"./a.js"},
		`x = /[/"]/.test(y); import "./a.js"`:                                                           {"./a.js"},
		`import x from "react"; import "https://a.example/x.js"`: {
			"https://a.example/x.js",
		},
		`import defer * as x from "./a.js"; import j from "./b.json" with {type: "json"}`: {
			"./a.js",
			"./b.json",
		},
		`reimport "./a.js"; $import "./b.js"; import_ "./c.js"`: nil,
		`import`: nil, `import "`: nil, `export {`: nil, `/`: nil, "`": nil, `import {a} from "./a`: nil,
		`import {a} from "./a"`: {"./a"},
	}
	for script, want := range tests {
		for i := range want {
			want[i] = "3 " + want[i]
		}
		if got := references(Script, script); !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %q\nwant %q", script, got, want)
		}
	}
}
