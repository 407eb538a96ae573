# Has a program run in a network of its own, with nothing in it but another machine: the network namespace "home".
#
#   unshare --map-root-user --net --mount sh internet.sh FOLDER PROGRAM...
#
# All addresses are public ones, though nothing leads out: that another machine listens there is what programs believe.
# Every address of the upper half of the network is this side's, for clients with one each.
set -e
PATH=$PATH:/usr/sbin:/sbin
work=$1
shift
ip link set lo up
mount -t tmpfs none /run
ip netns add home
ip link add world type veth peer name home netns home
ip addr add 20.20.20.2/24 dev world
ip link set world up
ip route add local 20.20.20.128/25 dev lo
ip route add default via 20.20.20.1
for address in 2600:20::2 2600:20::3; do
	ip addr add $address/64 dev world nodad || true # There are machines without IPv6.
done
nsenter --net=/run/netns/home sh -ec '
	ip link set lo up
	ip addr add 20.20.20.1/24 dev home
	ip link set home up
	ip route add default via 20.20.20.2
	ip addr add 2600:20::1/64 dev home nodad || true'
{
	echo 127.0.0.1 localhost
	echo 20.20.20.1 site.wtp.test
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 20.20.20.1 site$n.wtp.test; done
} >"$work/hosts"
echo nameserver 127.0.0.1 >"$work/resolv.conf" # where nobody answers
mount --bind "$work/hosts" /etc/hosts
mount --bind "$work/resolv.conf" /etc/resolv.conf
exec "$@"
