#!/usr/bin/env bash
# Chromium, in which the tests open the report.
set -eu
. "$(dirname "$0")/lib-install.sh"

# Keep in step with test/report/page/browser.ts.
installed() { [ -x /usr/bin/chromium ]; }

if installed; then exit 0; fi
lock chromium
if installed; then exit 0; fi

say 'Installing Chromium from Debian: the tests open the report in it.'
apt_install chromium
installed || give_up 'Cannot use Chromium: the package chromium does not bring /usr/bin/chromium.'
