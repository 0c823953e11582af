#!/usr/bin/env bash
# Installs bubblewrap through the machine's package manager; says what to do where that is not permitted.
set -u
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n); else
    echo "bubblewrap is missing and this user may not install packages."
    echo "Ask for: apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), apk add bubblewrap (Alpine)."
    echo "Without it nothing is executed unless SANDBOX=none is set, which runs repository code unprotected."
    exit 0
  fi
fi
if command -v apt-get >/dev/null; then
  "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends bubblewrap
elif command -v dnf >/dev/null; then "${as_root[@]}" dnf install -y -q bubblewrap
elif command -v apk >/dev/null; then "${as_root[@]}" apk add -q bubblewrap
elif command -v pacman >/dev/null; then "${as_root[@]}" pacman -S --noconfirm bubblewrap
fi
command -v bwrap >/dev/null || echo "bubblewrap could not be installed; see README, section Sandbox."
exit 0
