#!/bin/sh
# Makes .venv with the locked packages. Needs only Python >= 3.11 with pip; uses venv or, where Debian's
# python3-venv is missing, the package virtualenv in a folder of its own. Does nothing when it is up to date.
set -eu
cd "$(dirname "$0")/.."
lock=${1:-requirements-dev.lock}
python=${PYTHON:-python3}
stamp=".venv/.stamp-$(basename "$lock")"
want="$("$python" --version 2>&1) $(cat "$lock" pyproject.toml | cksum)"
if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "秒回需要 Python 3.11 或更新版本（现在是 $("$python" --version 2>&1)）。可用 PYTHON=… 指定。" >&2
  echo "Miaohui needs Python 3.11 or newer; name one with PYTHON=…" >&2
  exit 1
}
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf .venv
  "$python" -m venv .venv 2>/dev/null || {
    rm -rf .venv
    "$python" -m pip install -q --target .tools/virtualenv virtualenv
    PYTHONPATH=.tools/virtualenv "$python" -m virtualenv -q .venv
  }
fi
echo "安装依赖 / installing packages ($lock) …"
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/miaohui-src.pth.tmp"
sed 's#$#/src#' "$site/miaohui-src.pth.tmp" > "$site/miaohui-src.pth"
rm "$site/miaohui-src.pth.tmp"
printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m miaohui.app.cli "$@"\n' "$(pwd)" > .venv/bin/miaohui
chmod +x .venv/bin/miaohui
echo "$want" > "$stamp"
