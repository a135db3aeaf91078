#!/usr/bin/env bash
# Install the Debian packages that tests want and that are not here yet, as root. No server of
# theirs is left running: tests start their own.
set -euo pipefail
PATH=$PATH:/usr/sbin

packages=()
for program in chromium openssl redis-server rabbitmq-server maven:mvn postgresql:pg_ctlcluster \
  prometheus-alertmanager; do
  command -v "${program#*:}" > /dev/null || packages+=("${program%:*}")
done
[ ${#packages[@]} = 0 ] && exit

# Debian asks this file before it starts what it has installed, with systemd or without.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod +x $policy
fi

apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"

# Nor at the next boot.
for package in "${packages[@]}"; do
  case $package in
    *-server | postgresql | prometheus-alertmanager) ! command -v systemctl > /dev/null || systemctl --quiet disable "$package" ;;
  esac
done
