# Shared by tools/demo, tools/test and .ci/run, which source it: what a Debian 12 machine needs, how to
# install exactly what is missing, and how the three speak. Nothing here writes outside build/, except
# the packages that apt-get installs.

nf_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
nf_jobs=${NF_JOBS:-$(nproc 2>/dev/null || echo 2)}
nf_install=yes  # --no-install: use what the machine has
export CCACHE_DIR=$nf_root/build/ccache

# Packages by purpose. A script names the purposes it needs, in the order of this list.
nf_packages_build="build-essential cmake ninja-build pkg-config ccache mold zlib1g-dev liburing-dev
  libzstd-dev liblz4-dev libxxhash-dev libmimalloc-dev libcli11-dev nlohmann-json3-dev
  libstb-dev libjpeg62-turbo-dev"
nf_packages_test="libgtest-dev libgmock-dev libbenchmark-dev strace"
nf_packages_sanitizer="clang-19 libclang-rt-19-dev llvm-19"
nf_packages_fuzz="$nf_packages_sanitizer"
nf_packages_tidy="clang-tidy-19"
nf_packages_browser="chromium"
nf_packages_contenders="libzip-dev libphysfs-dev libstorm-dev squashfs-tools erofs-utils"
# Megabytes on disk when nothing of the purpose is there yet, rounded up.
nf_megabytes_build=500 nf_megabytes_test=30 nf_megabytes_sanitizer=700 nf_megabytes_fuzz=700
nf_megabytes_tidy=300 nf_megabytes_browser=600 nf_megabytes_contenders=20

if [ -t 1 ]; then nf_bold=$'\e[1m' nf_plain=$'\e[0m'; else nf_bold="" nf_plain=""; fi

nf_say() { printf '%s==>%s %s\n' "$nf_bold" "$nf_plain" "$*"; }
nf_note() { printf '    %s\n' "$*"; }
# One sentence, then the end. Exit code 2: wrong use; 4: the machine refused (the default).
nf_fail() {
  local code=4
  case "$1" in [0-9]) code=$1; shift ;; esac
  printf '%s: %s\n' "${nf_program:-nearfield}" "$*" >&2
  exit "$code"
}

nf_seconds() { date +%s; }
nf_human_time() {
  if [ "$1" -ge 60 ]; then printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

nf_free_megabytes() {  # of the file system that holds $1
  df -Pk "$1" 2>/dev/null | awk 'NR == 2 {print int($4 / 1024)}'
}
nf_need_disk() {  # nf_need_disk FOLDER MEGABYTES WHAT
  local free
  free=$(nf_free_megabytes "$1")
  [ "${free:-$2}" -ge "$2" ] ||
    nf_fail "not enough disk: $3 needs $2 MB, $1 has $free MB free."
}

# nf_missing PACKAGE...: those that are not installed.
nf_missing() {
  local installed
  installed=" $(dpkg-query -W -f='${Package}:${db:Status-Status} ' "$@" 2>/dev/null)"
  local package
  for package in "$@"; do
    case "$installed" in *" $package:installed "*) ;; *) printf '%s ' "$package" ;; esac
  done
}

# nf_need PURPOSE...: installs what is missing for them. Silent, quick and offline if nothing is.
nf_need() {
  local purpose name wanted="" megabytes=0
  for purpose in "$@"; do
    name=nf_packages_$purpose
    wanted+=" ${!name}"
    name=nf_megabytes_$purpose
    megabytes=$((megabytes + ${!name}))
  done
  wanted=$(printf '%s\n' $wanted | awk '!seen[$0]++' | tr '\n' ' ')
  mkdir -p "$nf_root/build" 2>/dev/null && [ -w "$nf_root/build" ] ||
    nf_fail "$nf_root/build cannot be written to by $(id -un); everything is built there."
  [ "$nf_install" = yes ] || return 0

  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    nf_fail "this is $(nf_system), not Debian 12; install what these Debian packages hold and run again" \
      "with --no-install: $wanted"
  fi
  local missing
  missing=$(nf_missing $wanted)
  missing=${missing% }
  [ -n "$missing" ] || return 0
  local command="apt-get install -y --no-install-recommends $missing"
  [ "$(. /etc/os-release && echo "$ID")" = debian ] ||
    nf_fail "this is $(nf_system), not Debian 12; install these or their like and run again with" \
      "--no-install: $missing"
  [ "$(id -u)" = 0 ] ||
    nf_fail "packages are missing and only root may install them; run: sudo $command"
  nf_need_disk / "$megabytes" "installing packages"
  nf_say "Installing $(printf '%s\n' $missing | wc -l) packages: $missing"
  nf_apt_install "$command" "$missing"
}

nf_system() { (. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-an unknown system}") || echo "an unknown system"; }

nf_apt_install() {  # nf_apt_install COMMAND MISSING
  local log=$nf_root/build/apt.log start
  start=$(nf_seconds)
  mkdir -p "$nf_root/build"
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-get update -o APT::Update::Error-Mode=any -o Acquire::Retries=2 >"$log" 2>&1; then
    nf_fail "the package lists cannot be fetched (no network?); these are missing: $2;" \
      "what apt-get said is in build/apt.log."
  fi
  if ! $1 -o Acquire::Retries=2 -o DPkg::Lock::Timeout=120 >>"$log" 2>&1; then
    nf_fail "packages cannot be installed: $(grep -m 1 '^E:' "$log" | cut -c 4-);" \
      "the command was: $1; all it said is in build/apt.log."
  fi
  nf_note "installed in $(nf_human_time $(($(nf_seconds) - start)))"
}

# nf_show_progress LOG: what Ninja says goes to LOG, and how far it is to the terminal; where there is
# none, in a line now and then.
nf_show_progress() {
  local line percent told=$SECONDS
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    percent=$((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
    if [ -t 1 ]; then
      printf '\r    %d %% of %d steps' "$percent" "${BASH_REMATCH[2]}"
    elif [ $((SECONDS - told)) -ge "${NF_PROGRESS_SECONDS:-30}" ]; then
      nf_note "$percent % of ${BASH_REMATCH[2]} steps"
      told=$SECONDS
    fi
  done
  if [ -t 1 ]; then printf '\r\e[K'; fi
}

# nf_build PRESET [TARGET...]: configures if it has to and builds. What the compiler said goes to
# build/<preset>.log and is shown when it fails.
nf_build() {
  local preset=$1 start log
  shift
  start=$(nf_seconds)
  log=$nf_root/build/$preset.log
  mkdir -p "$nf_root/build"
  nf_say "Building preset $preset into build/$preset (${nf_jobs} at a time)"
  if ! (cd "$nf_root" && cmake --preset "$preset") >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    nf_fail 1 "preset $preset cannot be configured; all of it is in build/$preset.log."
  fi
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  if ! cmake --build "$nf_root/build/$preset" -j "$nf_jobs" "${targets[@]}" 2>&1 | nf_show_progress "$log"; then
    grep -E -A 12 'error:|FAILED:' "$log" | head -n 60 >&2
    nf_fail 1 "preset $preset does not build; all of it is in build/$preset.log."
  fi
  nf_note "built in $(nf_human_time $(($(nf_seconds) - start)))"
}
