# Installs programs that the other scripts need. They source this file:
#
#     . scripts/install.sh
#     require PURPOSE COMMANDS PACKAGES
#
# Sourcing takes the option --no-install out of the script's arguments.

install=yes
arguments=()
for argument in "$@"; do
    if [ "$argument" = --no-install ]; then
        install=no
    else
        arguments+=("$argument")
    fi
done
set -- "${arguments[@]}"

# Makes sure that all COMMANDS exist. If one does not, prints which, and which of Debian's PACKAGES
# have them, and then installs the packages. With --no-install, or on a system without apt-get, it
# ends the script with an error instead.
require() {
    local purpose=$1 commands=$2 packages=$3 command missing=()
    for command in $commands; do
        command -v "$command" >/dev/null || missing+=("$command")
    done
    [ ${#missing[@]} != 0 ] || return 0
    echo "Missing: ${missing[*]}. Purpose: $purpose. Debian packages: $packages." >&2
    if [ "$install" = no ]; then
        echo "Nothing is installed with --no-install. Install the packages and run this again." >&2
        exit 1
    fi
    if ! command -v apt-get >/dev/null; then
        echo "This system has no apt-get. Install the programs and run this again." >&2
        exit 1
    fi
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    echo "Installing with apt-get: $packages" >&2
    "${as_root[@]}" apt-get update -qq
    # The packages are words of one argument on purpose.
    # shellcheck disable=SC2086
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $packages
}
