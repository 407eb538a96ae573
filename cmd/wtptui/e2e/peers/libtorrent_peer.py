"""One libtorrent peer on loopback, over TCP unless it is told otherwise, that speaks JSON lines.

    python3 libtorrent_peer.py '{"mode": "make" | "seed" | "leech" | "join", ...}'

A seed makes its torrent, and has all of it; make does no more than that. Who joins looks for what there is of it.
Standard input takes commands, {"id": N, "cmd": "stats" | "limit" | "connect" | "stop", ...}; each is answered by one
line with the same id. Other lines are events: "ready", then for a leech "done". It ends when standard input does.
"""

import json
import os
import queue
import sys
import threading
import time

import libtorrent as lt

# libtorrent keeps half a minute between announces, however short the interval that the tracker asks for.
ANNOUNCE_EVERY = 1.0  # Seconds.
# What a peer that holds still sends: enough not to be taken for a dead one.
HELD = 4096  # Bytes per second.


def emit(**line):
    print(json.dumps(line), flush=True)


def new_session(config):
    encryption = lt.enc_policy.forced if config["obfuscated"] else lt.enc_policy.enabled
    return lt.session({
        "listen_interfaces": f"{config['host']}:{config['port']}",
        # libtorrent crawls over uTP on loopback.
        "enable_outgoing_utp": config["utp"],
        "enable_incoming_utp": config["utp"],
        "enable_outgoing_tcp": not config["utp"],
        "enable_incoming_tcp": not config["utp"],
        "in_enc_policy": encryption,
        "out_enc_policy": encryption,
        "allowed_enc_level": lt.enc_level.rc4 if config["obfuscated"] else lt.enc_level.both,
        # Nothing but the tracker may introduce peers to each other.
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        # Every peer of a test has the same address.
        "allow_multiple_connections_per_ip": True,
        "unchoke_slots_limit": -1,
        "min_announce_interval": 1,
        "min_reconnect_time": 1,
        "alert_mask": lt.alert.category_t.error_notification | lt.alert.category_t.status_notification
        | lt.alert.category_t.tracker_notification | lt.alert.category_t.storage_notification,
    })


def make_torrent(folder, piece_length, version, trackers, out):
    """Writes a torrent of every file below folder and returns it."""
    storage = lt.file_storage()
    # In byte order of their paths: add_files takes them in whatever order the folder gives.
    files = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    files = [path for path in files if os.path.isfile(path) and not os.path.islink(path)]
    for path in sorted(files, key=os.fsencode):
        storage.add_file(os.path.relpath(path, os.path.dirname(folder)), os.path.getsize(path))
    flags = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}[version]
    maker = lt.create_torrent(storage, piece_length, flags)
    for tier, url in enumerate(trackers):
        maker.add_tracker(url, tier)
    lt.set_piece_hashes(maker, os.path.dirname(folder))
    with open(out, "wb") as f:
        f.write(lt.bencode(maker.generate()))
    return lt.torrent_info(out)


def torrent_params(config):
    if config["mode"] == "seed":
        params = lt.add_torrent_params()
        params.ti = make_torrent(
            config["folder"], config["piece_length"], config["version"], config["trackers"] or [], config["torrent"])
        params.save_path = os.path.dirname(config["folder"])
        params.flags |= lt.torrent_flags.seed_mode
    elif config["torrent"].startswith("magnet:"):
        params = lt.parse_magnet_uri(config["torrent"])
        params.save_path = config["folder"]
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(config["torrent"])
        params.save_path = config["folder"]
    if config["mode"] == "leech":
        params.trackers = params.trackers + (config["trackers"] or [])
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    params.flags |= lt.torrent_flags.disable_pex
    return params


def stats(handle):
    s = handle.status()
    return {
        "uploaded": s.total_payload_upload,
        "downloaded": s.total_payload_download,
        "completed": s.total_wanted_done,
        "size": s.total_wanted,
        "peers": s.num_peers,
        "state": str(s.state),
    }


def hashes(handle):
    """What trackers and v1 peers know a torrent by, and the whole v2 infohash, which may be empty."""
    known = handle.info_hashes()
    v2 = str(known.v2) if known.has_v2() else ""
    return {"infohash": str(known.v1) if known.has_v1() else v2[:40], "infohash_v2": v2}


def obey(command, handle):
    """Carries out one command; returns what to answer."""
    name = command["cmd"]
    if name == "limit":
        # The session-wide limit does not apply to peers on a local network; the torrent's own does.
        handle.set_upload_limit(command["bytes_per_second"])
    elif name == "connect":
        handle.connect_peer(("127.0.0.1", command["port"]))
    elif name != "stats":
        return {"error": "unknown command " + name}
    return stats(handle)


class Announces:
    """Counts announces that are under way, from the alerts of the session."""

    def __init__(self):
        self.sent = self.stops = self.ended = 0

    def see(self, alert):
        if isinstance(alert, lt.tracker_announce_alert):
            self.sent += 1
            self.stops += alert.event == lt.event_t.stopped
        elif isinstance(alert, (lt.tracker_reply_alert, lt.tracker_error_alert)):
            self.ended += 1

    def wait(self, session, settled, seconds):
        """Waits until nothing is under way and settled() is true."""
        patience = time.monotonic() + seconds
        while (self.sent > self.ended or not settled()) and time.monotonic() < patience:
            session.wait_for_alert(20)
            for alert in session.pop_alerts():
                self.see(alert)


def stop(session, handle, announces):
    """Tells the trackers Stopped and returns the last count. Ending the session alone would not tell a UDP tracker, and
    a Stopped while another announce is under way is not sent."""
    last = stats(handle)
    announces.wait(session, lambda: True, 10)
    handle.pause()
    announces.wait(session, lambda: announces.stops >= len(handle.trackers()), 10)
    return last


def main():
    config = json.loads(sys.argv[1])
    if config["mode"] == "make":
        torrent = make_torrent(config["folder"], config["piece_length"], "v1", config["trackers"] or [], config["torrent"])
        emit(event="ready", infohash=str(torrent.info_hash()))
        return
    session = new_session(config)
    params = torrent_params(config)
    started = time.monotonic()
    handle = session.add_torrent(params)
    handle.set_upload_limit(config["upload_limit"])
    for port in config["peers"] or []:
        handle.connect_peer(("127.0.0.1", port))
    emit(event="ready", port=session.listen_port(), **hashes(handle), **stats(handle))

    commands = queue.Queue()

    def read():
        for line in sys.stdin:
            commands.put(json.loads(line))
        commands.put(None)

    threading.Thread(target=read, daemon=True).start()
    announces = Announces()
    announced = time.monotonic()
    holds_after = config["hold_after"]
    finished = 0.0  # Seconds it took, once there is everything and until it is known to be in its files.
    while True:
        session.wait_for_alert(20)
        if time.monotonic() - announced > ANNOUNCE_EVERY:
            announced = time.monotonic()
            handle.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)
        if holds_after and handle.status().total_payload_upload >= holds_after:
            holds_after = 0
            handle.set_upload_limit(HELD)
        for alert in session.pop_alerts():
            announces.see(alert)
            if alert.category() & lt.alert.category_t.error_notification:
                print(alert.message(), file=sys.stderr, flush=True)
            if isinstance(alert, lt.torrent_finished_alert) and config["mode"] == "leech":
                finished = time.monotonic() - started
                handle.flush_cache()
            elif isinstance(alert, lt.cache_flushed_alert) and finished:
                emit(event="done", seconds=finished, **stats(handle))
                finished = 0.0
        while not commands.empty():
            command = commands.get()
            if command is None:
                return
            if command["cmd"] == "stop":
                emit(id=command["id"], **stop(session, handle, announces))
                return
            if command["cmd"] == "limit":
                holds_after = 0
            emit(id=command["id"], **obey(command, handle))


main()
