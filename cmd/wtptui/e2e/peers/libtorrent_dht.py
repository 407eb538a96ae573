"""One libtorrent node of a DHT on loopback, that speaks JSON lines.

    python3 libtorrent_dht.py '{"bootstrap": ["127.0.0.1:6881", ...]}'

Standard input takes commands, {"id": N, "cmd": "get" | "put", "key": HEX, ...}; each is answered by one line with the
same id. Values are strings: the binding can put and read nothing else. It ends when standard input does.
"""

import hashlib
import json
import sys
import time

import libtorrent as lt

PATIENCE = 30.0  # Seconds.


def emit(**line):
    print(json.dumps(line), flush=True)


def new_session():
    return lt.session({
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": True,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "dht_bootstrap_nodes": "",
        # All nodes have one address, which is none of the internet's.
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_prefer_verified_node_ids": False,
        "dht_enforce_node_id": False,
        "dht_ignore_dark_internet": False,
        # It would ignore an address that asks more than five times a second, and everybody else with it.
        "dht_block_ratelimit": 1_000_000,
        "dht_upload_rate_limit": 1_000_000,
        "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.stats_notification,
    })


def alerts(session, what):
    """Yields the alerts of a kind for as long as anybody has patience."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        session.wait_for_alert(50)
        for alert in session.pop_alerts():
            if isinstance(alert, what):
                yield alert
    raise TimeoutError(f"no {what.__name__} in {PATIENCE} s")


def join(session, nodes):
    for node in nodes:
        host, port = node.rsplit(":", 1)
        session.add_dht_node((host, int(port)))
    session.post_session_stats()
    for alert in alerts(session, lt.session_stats_alert):
        if alert.values["dht.dht_nodes"] > 0:
            return
        session.post_session_stats()


def get(session, command):
    """Returns the newest string that a key signed, once all that were to be asked have answered."""
    session.dht_get_mutable_item(bytes.fromhex(command["key"]), b"")
    for alert in alerts(session, lt.dht_mutable_item_alert):
        if not alert.authoritative:
            continue
        try:
            item = alert.item
        except RuntimeError:  # The value is no string, or there is none.
            return {"missing": True}
        return {"seq": item["seq"], "value": item["value"].hex()}


def put(session, command):
    """Signs a string with the number after the one that the DHT has, as libtorrent does by itself, and puts it."""
    secret = bytearray(hashlib.sha512(bytes.fromhex(command["seed"])).digest())
    secret[0] &= 248
    secret[31] = secret[31] & 63 | 64
    key = bytes.fromhex(command["key"])
    session.dht_put_mutable_item(bytes(secret), key, bytes.fromhex(command["value"]), b"")
    for alert in alerts(session, lt.dht_put_alert):
        if alert.public_key == key:
            return {"nodes": alert.num_success, "seq": alert.seq}


def main():
    session = new_session()
    join(session, json.loads(sys.argv[1])["bootstrap"])
    emit(port=session.listen_port())
    obey = {"get": get, "put": put}
    for line in sys.stdin:
        command = json.loads(line)
        try:
            emit(id=command["id"], **obey[command["cmd"]](session, command))
        except TimeoutError as err:
            emit(id=command["id"], error=str(err))


main()
