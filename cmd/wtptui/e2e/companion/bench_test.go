package companion_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// BenchmarkPage measures how long a page takes to load with the extension, and with its script for links, relative to a
// browser without either. Each time is the median of 31 loads, in turns.
func BenchmarkPage(b *testing.B) {
	r := newReader(b)
	r.w.Start(b)
	site, _ := r.addCachedSite(b, "Tides")
	browsers := map[string]*tab{}
	extensions := map[string]string{"without": "", "with": r.extension, "links": r.makePermittedExtension(b)}
	for name, extension := range extensions {
		home := filepath.Join(r.home, name)
		registered := os.DirFS(filepath.Join(r.home, ".config"))
		if err := os.CopyFS(filepath.Join(home, ".config"), registered); err != nil {
			b.Fatal(err)
		}
		c := startChromium(b, home, "", extension)
		browsers[name] = c.openTab(b, site.LocalURL)
	}
	medians := map[string]float64{}
	for b.Loop() {
		times := map[string][]float64{}
		for range 31 {
			for name, tab := range browsers {
				tab.navigate(b, site.LocalURL+"page.html")
				took, err := evalInTab[float64](tab, "performance.getEntriesByType('navigation')[0].duration")
				if err != nil {
					b.Fatal(err)
				}
				times[name] = append(times[name], took)
			}
		}
		for name, all := range times {
			slices.Sort(all)
			medians[name] += all[len(all)/2]
		}
	}
	b.ReportMetric(medians["without"]/float64(b.N), "without-ms")
	b.ReportMetric(medians["with"]/medians["without"], "×with")
	b.ReportMetric(medians["links"]/medians["without"], "×links")
	b.ReportMetric(0, "ns/op")
}
