#!/bin/sh
# Installs wtptui from the archive of a release, for one person and without being root: see --help.
set -eu

# Where the files of a release are published, and which one is installed from there unless somebody asks for another.
# `make dist RELEASES=…` fills it in.
default_url=''
default_version=''

usage() {
	cat <<'END'
usage: install.sh [--url URL] [--version X] [--prefix DIR] [--signers FILE]
       install.sh --uninstall [--prefix DIR]

Downloads wtptui for this system, compares its SHA-256 with SHA256SUMS, and installs it. Nothing is installed if they
differ. It needs curl or wget, and sha256sum or shasum.

  --url URL       the folder that the files of the release are in, with {version} where the version belongs;
                  or WTPTUI_URL in the environment
  --version X     the version; without it the one that is at the URL
  --prefix DIR    where to install: the program goes to DIR/bin; or PREFIX in the environment; otherwise ~/.local
  --signers FILE  the keys that may have signed SHA256SUMS, as allowed signers of ssh-keygen(1): nothing is
                  installed without a good signature
  --uninstall     remove what was installed; sites, keys and settings stay where they are
END
}

fail() {
	printf 'install.sh: %s\n' "$*" >&2
	exit 1
}

parse() {
	url=${WTPTUI_URL:-$default_url}
	prefix=${PREFIX:-}
	version='' signers='' uninstall=''
	while [ $# -gt 0 ]; do
		case $1 in
		--url | --version | --prefix | --signers)
			[ $# -ge 2 ] || fail "$1 needs a value; see --help"
			case $1 in
			--url) url=$2 ;;
			--version) version=$2 ;;
			--prefix) prefix=$2 ;;
			--signers) signers=$2 ;;
			esac
			shift
			;;
		--uninstall) uninstall=yes ;;
		--help | -h)
			usage
			exit 0
			;;
		*) fail "it knows no $1; see --help" ;;
		esac
		shift
	done
	if [ -z "$prefix" ]; then
		[ -n "${HOME:-}" ] || fail "there is no HOME; say where to install with --prefix"
		prefix=$HOME/.local
	fi
	if [ -z "$version" ] && [ "$url" = "$default_url" ]; then
		version=$default_version
	fi
	case $version in
	*[!A-Za-z0-9.+~]*) fail "a version has letters, digits and . + ~ only: $version" ;;
	esac
}

# choose_url sets url to the folder that the files are in.
choose_url() {
	[ -n "$url" ] || fail "say where the release is published with --url"
	case $url in
	*'{version}'*)
		[ -n "$version" ] || fail "$url has a folder for each version: name one with --version"
		url=$(printf '%s\n' "$url" | sed "s/{version}/$version/g")
		;;
	esac
	url=${url%/}
	case $url in
	https://*) ;;
	http://*)
		is_loopback || [ -n "$signers" ] ||
			fail "anybody on the way can change what comes over http: use https, or --signers"
		;;
	*) fail "a URL begins with https://: $url" ;;
	esac
}

# choose_platform sets platform to this system and processor, as they are named in releases.
choose_platform() {
	system=$(uname -s) machine=$(uname -m)
	case $system in
	Linux) system=linux ;;
	Darwin) system=darwin ;;
	esac
	case $machine in
	x86_64 | amd64) machine=amd64 ;;
	aarch64 | arm64) machine=arm64 ;;
	esac
	platform=$system-$machine
}

# is_loopback reports whether the files are on this machine.
is_loopback() {
	case $url in
	http://127.0.0.1[:/]* | http://localhost[:/]*) return 0 ;;
	esac
	return 1
}

# fetch downloads a file of the release to the folder for the work.
fetch() {
	if command -v curl >/dev/null 2>&1; then
		curl --fail --silent --show-error --location --proto-redir '=https' --output "$work/$1" "$url/$1"
	elif command -v wget >/dev/null 2>&1; then
		# Not every wget verifies certificates, and none refuses to be led from https to http.
		[ -n "$signers" ] || is_loopback || fail "it needs curl, or --signers: wget alone does not prove whom it asks"
		wget -q -O "$work/$1" "$url/$1"
	else
		fail "it needs curl or wget"
	fi || fail "could not download $url/$1"
}

# sum prints the SHA-256 of a file.
sum() {
	if command -v sha256sum >/dev/null 2>&1; then
		line=$(sha256sum "$1")
	elif command -v shasum >/dev/null 2>&1; then
		line=$(shasum -a 256 "$1")
	else
		fail "it needs sha256sum or shasum"
	fi
	printf '%s\n' "${line%% *}"
}

# check_signature ends unless one of the signers has signed the checksums.
check_signature() {
	[ -f "$signers" ] || fail "there is no file $signers"
	command -v ssh-keygen >/dev/null 2>&1 || fail "it needs ssh-keygen for --signers"
	fetch SHA256SUMS.sig
	signer=$(ssh-keygen -Y find-principals -f "$signers" -s "$work/SHA256SUMS.sig" 2>/dev/null | head -n 1)
	[ -n "$signer" ] || fail "SHA256SUMS is signed by nobody who is in $signers: nothing was installed"
	ssh-keygen -Y verify -f "$signers" -I "$signer" -n wtptui-release -s "$work/SHA256SUMS.sig" \
		<"$work/SHA256SUMS" >/dev/null 2>&1 ||
		fail "the signature of SHA256SUMS is wrong: nothing was installed"
	echo "SHA256SUMS is signed by $signer"
}

# choose_archive sets archive to the name of the archive, and wanted to its SHA-256.
choose_archive() {
	archive=$(awk -v version="$version" -v end="-$platform.tar.gz" '
		{ name = $2; at = length(name) - length(end) + 1 }
		at > 8 && substr(name, at) == end && substr(name, 1, 7) == "wtptui-" {
			if (version == "" || substr(name, 8, at - 8) == version) print name
		}' "$work/SHA256SUMS")
	case $archive in
	'') fail "there is no wtptui ${version:+$version }for $platform at $url" ;;
	*[!A-Za-z0-9.+~_-]*) fail "more than one version is at $url: name one with --version" ;;
	esac
	wanted=$(awk -v name="$archive" '$2 == name { print $1 }' "$work/SHA256SUMS")
}

# place installs a file from the archive.
place() { # FROM TO MODE
	folder=$prefix/${2%/*}
	if ! mkdir -p "$folder" 2>/dev/null || [ ! -w "$folder" ]; then
		fail "cannot write to $folder: choose another place with --prefix"
	fi
	cp "$1" "$prefix/$2.new"
	chmod "$3" "$prefix/$2.new"
	# A program that runs keeps the file that it was started from.
	mv -f "$prefix/$2.new" "$prefix/$2"
}

install_all() {
	choose_url
	choose_platform
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	fetch SHA256SUMS
	[ -z "$signers" ] || check_signature
	choose_archive
	fetch "$archive"
	got=$(sum "$work/$archive")
	[ "$got" = "$wanted" ] || fail "$archive is not what was published: its SHA-256 is
  $got, and SHA256SUMS says
  $wanted. Nothing was installed."
	(cd "$work" && tar -xzf "$archive")
	from=$work/${archive%.tar.gz}
	for page in "$from"/man/*; do
		place "$page" "share/man/man${page##*.}/${page##*/}" 644
	done
	place "$from/completions/wtptui.bash" share/bash-completion/completions/wtptui 644
	place "$from/completions/_wtptui" share/zsh/site-functions/_wtptui 644
	place "$from/completions/wtptui.fish" share/fish/vendor_completions.d/wtptui.fish 644
	place "$from/wtptui" bin/wtptui 755
	said=$("$prefix/bin/wtptui" version) || fail "$prefix/bin/wtptui does not run on this machine"
	echo "installed $(printf '%s\n' "$said" | head -n 1) as $prefix/bin/wtptui"
	case :${PATH:-}: in
	*:"$prefix/bin":*) ;;
	*) echo "$prefix/bin is not in your PATH: add it in the settings of your shell" ;;
	esac
}

# uninstall_all removes what install_all places, also after one that was cut short.
uninstall_all() {
	found=
	for file in bin/wtptui share/bash-completion/completions/wtptui share/zsh/site-functions/_wtptui \
		share/fish/vendor_completions.d/wtptui.fish share/man/man1/wtptui.1 share/man/man5/wtptui-config.5; do
		for path in "$prefix/$file" "$prefix/$file.new"; do
			[ -e "$path" ] || continue
			found=1
			rm -f "$path" || fail "cannot remove $path"
		done
	done
	[ -n "$found" ] || fail "there is no wtptui in $prefix"
	echo "removed wtptui from $prefix; sites, keys and settings are where they were"
}

main() {
	parse "$@"
	if [ -n "$uninstall" ]; then
		uninstall_all
	else
		install_all
	fi
}

# All of it has to be here before any of it runs.
main "$@"
