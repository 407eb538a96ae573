"""A libtorrent peer, or a crowd of them, for tests: seeds or leeches one torrent over TCP, or with the word utp over
uTP alone, and prints what happens, one JSON object a line.
"""
import json
import os
import resource
import sys
import time

import libtorrent as lt


def say(**what):
    print(json.dumps(what), flush=True)


def limit():
    """The upload rate that a word like up=1000 asks for, in kB/s; none without one."""
    return sum(int(word[3:]) * 1000 for word in sys.argv if word.startswith("up="))


def session(port):
    s = lt.session(settings(port))
    # Otherwise peers of this machine are in a class of their own, which has no limits.
    everybody = lt.ip_filter()
    everybody.add_rule("0.0.0.0", "255.255.255.255", 1)
    s.set_peer_class_filter(everybody)
    return s


def encryption():
    """The policy that the word plain or rc4 asks for: never or always; without one, whatever the other side likes."""
    policy = lt.enc_policy
    return policy.disabled if "plain" in sys.argv else policy.forced if "rc4" in sys.argv else policy.enabled


def settings(port):
    return {
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        # libtorrent's uTP crawls on loopback: that is for peers that are far away.
        "enable_outgoing_utp": "utp" in sys.argv, "enable_incoming_utp": "utp" in sys.argv,
        "enable_outgoing_tcp": "utp" not in sys.argv, "enable_incoming_tcp": "utp" not in sys.argv,
        "in_enc_policy": encryption(), "out_enc_policy": encryption(),
        "allowed_enc_level": lt.enc_level.rc4 if "rc4" in sys.argv else lt.enc_level.both,
        "allow_multiple_connections_per_ip": True,
        "upload_rate_limit": limit(),
        "alert_mask": lt.alert.category_t.error_notification | lt.alert.category_t.piece_progress_notification | lt.alert.category_t.status_notification
        | lt.alert.category_t.storage_notification,
    }


def make(folder, out, version):
    """Writes a .torrent of a folder; version is v1, v2 or hybrid."""
    fs = lt.file_storage()
    lt.add_files(fs, folder)
    flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[version]
    t = lt.create_torrent(fs, 0, flags=flags)
    lt.set_piece_hashes(t, os.path.dirname(folder))
    with open(out, "wb") as f:
        f.write(lt.bencode(t.generate()))


def cpu():
    """The processor time that this process has taken, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def flush(s, h):
    """Waits until what was received is in its files: libtorrent calls a torrent complete before it has written it."""
    s.pop_alerts()
    h.flush_cache()
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in s.pop_alerts()):
        s.wait_for_alert(100)


def visit(s, torrent, save, port):
    """Fetches a torrent, and tells when the first piece and when all of it is here. It may be an infohash."""
    if os.path.exists(torrent):
        p = lt.add_torrent_params()
        p.ti = lt.torrent_info(torrent)
    else:
        p = lt.parse_magnet_uri("magnet:?xt=urn:btih:" + torrent)
    p.save_path = save
    p.flags &= ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    p.flags |= lt.torrent_flags.sequential_download
    h = s.add_torrent(p)
    time.sleep(2)  # A session, or a torrent, that has just begun does not call anybody at once.
    begin = time.monotonic()
    h.connect_peer(("127.0.0.1", port))
    first, pieces = 0.0, 0
    while True:
        s.wait_for_alert(1000)
        for alert in s.pop_alerts():
            if isinstance(alert, lt.piece_finished_alert):
                pieces += 1
                first = first or time.monotonic() - begin
                if pieces == h.torrent_file().num_pieces():
                    say(first=first, seconds=time.monotonic() - begin)
                    return


def crowd(torrent, save, port, n):
    """Has n peers fetch a torrent from one at the same time, and tells when all have it and how long each took."""
    info = lt.torrent_info(torrent)
    sessions = [session(0) for _ in range(n)]
    handles = []
    for i, s in enumerate(sessions):
        p = lt.add_torrent_params()
        p.ti, p.save_path = info, os.path.join(save, str(i))
        p.flags &= ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
        p.flags |= lt.torrent_flags.disable_pex
        handles.append(s.add_torrent(p))
    time.sleep(2)  # As above.
    begin = time.monotonic()
    for h in handles:
        h.connect_peer(("127.0.0.1", port))
    waiting, all_took = set(handles), []
    while waiting:
        time.sleep(0.005)
        for h in [h for h in waiting if h.status().is_seeding]:
            waiting.remove(h)
            all_took.append(time.monotonic() - begin)
    say(seconds=all_took[-1], each=all_took)


def main():
    verb, torrent, save = sys.argv[1:4]
    if verb == "crowd":
        crowd(torrent, save, int(sys.argv[4]), int(sys.argv[5]))
        return
    if verb == "visit":
        visit(session(0), torrent, save, int(sys.argv[4]))
        return
    if verb == "make":
        make(save, torrent, sys.argv[4])
        return
    s = session(0)
    info = lt.torrent_info(torrent)
    p = lt.add_torrent_params()
    p.ti, p.save_path = info, save
    if verb == "seed":
        p.flags |= lt.torrent_flags.seed_mode
    p.flags &= ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    h = s.add_torrent(p)
    hashes = info.info_hashes()
    say(port=s.listen_port(), hash=str(hashes.v1 if hashes.has_v1() else hashes.v2)[:40])
    begin, used = time.monotonic(), cpu()
    if verb == "leech":
        for port in sys.argv[4].split(","):
            h.connect_peer(("127.0.0.1", int(port)))
    for _ in range(100000):
        st = h.status()
        if verb == "leech" and st.is_seeding:
            seconds = time.monotonic() - begin
            flush(s, h)
            say(seconds=seconds, cpu=cpu() - used)
            return
        if st.errc.value():
            say(error=st.errc.message())
            return
        time.sleep(0.01 if verb == "leech" else 0.2)


main()
