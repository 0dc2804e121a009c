#!/usr/bin/env bash
# Chromium, in which the tests open the report: the one without windows, which opens a page in half the time.
set -eu
. "$(dirname "$0")/lib-install.sh"

# Keep in step with test/report/page/browser.ts.
installed() { [ -x /usr/lib/chromium/chromium-headless-shell ]; }

if installed; then exit 0; fi
lock chromium
if installed; then exit 0; fi

say 'Installing Chromium from Debian: the tests open the report in it.'
apt_install chromium-headless-shell
installed || give_up 'Cannot use Chromium: the package chromium-headless-shell does not bring /usr/lib/chromium/chromium-headless-shell.'
