// Package backup knows the form of a backup: a gzipped tar, so that a person can look into it without wtptui.
//
//	wtptui-backup/manifest.json        what it is, and of which version
//	wtptui-backup/config.toml          the settings, if there were any in the data folder
//	wtptui-backup/settings.json        the limits, and the homes that are off
//	wtptui-backup/keys/NAME.key        the secret keys
//	wtptui-backup/sites/HOST.torrent   before the next, if the site's list of files is known
//	wtptui-backup/sites/HOST.json      one for each site
//	wtptui-backup/lists/N.json         the pin lists that are followed, and how far
//	wtptui-backup/SHA256SUMS           sums of all the others; without it the backup is cut off
//
// It must not know what the files say. Start with Writer and Read.
package backup
