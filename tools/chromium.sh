#!/bin/sh
# Makes sure that Chromium and a Chinese font are there for browser tests and pictures; says what to do if not.
set -eu
have_browser() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; }
have_font() { command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -q .; }
if have_browser && have_font; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "安装 Chromium 与中文字体 / installing chromium and fonts-noto-cjk …"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji fontconfig >/dev/null
fi
if have_browser && have_font; then exit 0; fi
echo "浏览器测试需要 Chromium 和中文字体，请先安装，例如：sudo apt-get install chromium fonts-noto-cjk" >&2
echo "Browser tests need Chromium and a Chinese font, e.g.: sudo apt-get install chromium fonts-noto-cjk" >&2
exit 3
