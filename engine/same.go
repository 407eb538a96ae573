package engine

import "slices"

// SameSite reports whether two sites are equal in every field. It neither allocates nor uses reflection, because
// thousands of sites are compared several times a second.
func SameSite(a, b *Site) bool {
	return a.Host == b.Host && a.Machine == b.Machine && a.Away == b.Away &&
		a.Infohash == b.Infohash && a.URL == b.URL && a.LocalURL == b.LocalURL &&
		a.PublicURL == b.PublicURL && a.NextInfohash == b.NextInfohash && a.NextCheck == b.NextCheck && a.Held == b.Held &&
		a.Record == b.Record && a.NextKey == b.NextKey &&
		a.Flags == b.Flags && a.Title == b.Title && a.State == b.State && a.Awaiting == b.Awaiting &&
		a.Checking == b.Checking && a.Pinned == b.Pinned && a.Mine == b.Mine && a.Own == b.Own &&
		slices.Equal(a.Labels, b.Labels) &&
		a.InUse == b.InUse && a.ExpiresAt == b.ExpiresAt && a.Size == b.Size && a.Completed == b.Completed &&
		a.Files == b.Files && a.Peers == b.Peers && a.Seeds == b.Seeds && a.WebPeers == b.WebPeers &&
		a.KnownPeers == b.KnownPeers && a.Copies == b.Copies && a.WebCopies == b.WebCopies &&
		a.Enough == b.Enough && a.Resting == b.Resting &&
		a.DownRate == b.DownRate && a.UpRate == b.UpRate &&
		a.Downloaded == b.Downloaded && a.Uploaded == b.Uploaded && a.AddedAt == b.AddedAt && a.LastOpen == b.LastOpen &&
		a.CompleteAt == b.CompleteAt &&
		a.MissingParts == b.MissingParts && a.MissingPage == b.MissingPage && a.Error == b.Error && a.ErrorKind == b.ErrorKind
}
