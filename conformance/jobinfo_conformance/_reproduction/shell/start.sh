set -u
umask 077
jobs='' given='' writes=no

fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

# A header with each $NAME in it filled in from the environment.
filled() {
    case $1 in *\$*) ;; *) printf '%s' "$1" && return ;; esac
    rest=${1#*\$}
    name=${rest%%[!A-Za-z0-9_]*}
    case $name in '' | [0-9]*) fail "--header: write it like 'X-Api-Key: \$MY_KEY'" ;; esac
    eval "value=\${$name-}"
    # shellcheck disable=SC2154 # eval has set it
    [ -n "$value" ] || fail "--header: the environment has no variable $name"
    printf '%s%s%s' "${1%%\$*}" "$value" "$(filled "${rest#"$name"}")"
}

while [ $# -gt 0 ]; do
    case $1 in
        --session-as)
            case ${2-} in ?*:*'{}'*) session_as=$2 ;; *) fail "--session-as: write it like 'Authorization: Bearer {}'" ;; esac
            shift ;;
        --header)
            case ${2-} in ?*:*) ;; *) fail "--header: write it like 'X-Api-Key: \$MY_KEY'" ;; esac
            given="$given$(filled "$2")
" || exit
            shift ;;
        --times)
            case ${2-} in '' | 0 | *[!0-9]*) fail "--times: give a whole number above 0" ;; *) times=$2 ;; esac
            shift ;;
        --writes) writes=yes ;;
        *) fail "$1 is no option: there are --session-as, --header, --times and --writes" ;;
    esac
    shift
done

case ${JOBINFO_BASE_URL-} in
    http://?* | https://?*) base=${JOBINFO_BASE_URL%/} ;;
    *) fail "set JOBINFO_BASE_URL to the URL before /services/async, such as https://example.my.salesforce.com" ;;
esac
case ${JOBINFO_SESSION_ID-} in
    '' | *[![:graph:]]*) fail "set JOBINFO_SESSION_ID to a session id or an OAuth token" ;;
esac
[ -n "$given" ] || own_headers >/dev/null
[ "$adds_records" = no ] || [ "$writes" = yes ] || fail "this adds batches of records to a job: give --writes to allow it"
command -v curl >/dev/null || fail "curl is missing: install it"
case $base in
    *://127.* | *://localhost | *://localhost[:/]* | *.localhost | *.localhost[:/]* | *://\[::1\]*)
        no_proxy='*' && export no_proxy ;;
esac
[ -z "${REQUESTS_CA_BUNDLE-}" ] || export CURL_CA_BUNDLE="${CURL_CA_BUNDLE:-$REQUESTS_CA_BUNDLE}"

work=$(mktemp -d) || fail "there is no room for temporary files"
# What hides the session where an answer repeats it.
printf 's/%s/[JOBINFO-SESSION]/g\n' "$(printf '%s' "$JOBINFO_SESSION_ID" | sed 's/[].*^$\/[]/\\&/g')" >"$work/hide.sed"

# request SESSION METHOD PATH [HEADER...]: sends a request with the body in $work/body, if there is one; sets $status.
request() {
    session=$1 method=$2 path=$3
    shift 3
    {
        [ -z "$session" ] || printf '%s%s%s\n' "${session_as%%'{}'*}" "$session" "${session_as#*'{}'}"
        printf 'Accept-Encoding: %s\n' "$accepted"
        [ $# -eq 0 ] || printf '%s\n' "$@"
        if [ -n "$given" ]; then printf '%s' "$given"; else own_headers; fi
    } >"$work/headers"
    set -- -q -s -S -g --path-as-is --http1.1 --compressed --max-time "${JOBINFO_TIMEOUT:-30}" \
        -X "$method" -H "@$work/headers" -D "$work/head" -o "$work/answer" -w '%{http_code}'
    [ ! -f "$work/body" ] || set -- "$@" --data-binary "@$work/body"
    : >"$work/head"
    : >"$work/answer"
    status=$(curl "$@" "$base$path" 2>"$work/error")
    rm -f "$work/body"
}

send() {
    request "$JOBINFO_SESSION_ID" "$@"
    tell
}

send_without_session() {
    request '' "$@"
    tell
}

send_with_wrong_session() {
    request "$wrong_session" "$@"
    tell
}

tell() {
    printf '%s %s%s answered %s\n' "$method" "$base" "$path" "$status"
    safe <"$work/error" >&2
}

# create SERIALIZATION PATH [HEADER...]: creates a job, which is aborted at the end; sets $id. Ctrl-C waits for the answer,
# without which nobody would know the job.
create() {
    form=$1 resource=$2
    shift
    trap '' INT TERM HUP
    send POST "$@"
    catch_signals
    case $status in
        2*) made && jobs="$jobs $form $resource/$id" ;;
        *) show && printf 'no job was created\n' >&2 && exit 1 ;;
    esac
}

# Sets $id to that of the job or the batch in the last answer.
made() {
    id=$(field id)
    case $id in
        '' | *[!A-Za-z0-9]*) id=$(sed -n 's/^[Ll][Oo][Cc][Aa][Tt][Ii][Oo][Nn]:.*\/\([A-Za-z0-9]*\).*/\1/p' "$work/head") ;;
    esac
    [ -n "$id" ] || { show && printf 'the answer shows no id\n' >&2 && exit 1; }
}

# field NAME: the value of an element or a key in the last answer, however it is written.
field() {
    value=$(tr -d '\000' <"$work/answer" | tr '\n\r\t' '   ' | LC_ALL=C sed -n "
        s/<!--[^-]*\(-[^-][^-]*\)*-->//g
        s/<!\[CDATA\[\([^]]*\)]]>/\1/g
        s/.*<\([A-Za-z_][A-Za-z0-9_.-]*:\)\{0,1\}$1\( [^>]*\)\{0,1\}> *\([^< ]*\) *<.*/\3/p
        s/\\\\u\([0-9A-Fa-f]\{4\}\)/\&#x\1;/g
        s/.*\"$1\" *: *\"\{0,1\}\([^\",} ]*\).*/\1/p" | sed 1q)
    # References to characters, such as &#67; and &#x43;
    while :; do
        code=${value#*'&#'}
        code=${code%%;*}
        case $value in *'&#'*\;*) ;; *) break ;; esac
        case $code in x*[!0-9A-Fa-f]* | [!x]*[!0-9]* | '' | x) break ;; esac
        rest=${value#*'&#'"$code"\;}
        case $code in x*) number=$((0x${code#x})) ;; *) number=$((1${code} - 1$(printf '%s' "$code" | sed 's/./0/g'))) ;; esac
        # shellcheck disable=SC2059 # the format is a character
        value=${value%%'&#'*}$(printf "\\$(printf '%o' "$number")")$rest
    done
    printf '%s' "$value"
}

# Shows the last answer: the session hidden, invisible characters as cat -v writes them.
show() {
    printf '\n'
    cat "$work/head" "$work/answer" | tr -d '\r' | safe | sed 's/^/    /'
    printf '\n\n'
}

safe() {
    LC_ALL=C sed -f "$work/hide.sed" | head -c 20000 | cat -v
}

catch_signals() {
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Aborts the jobs that were created. A job that is closed may refuse that.
clean_up() {
    trap '' INT TERM HUP
    # shellcheck disable=SC2086 # a list of words
    set -- $jobs
    while [ $# -gt 0 ]; do
        if [ "$1" = json ]; then
            printf '{"state": "Aborted"}' >"$work/body"
        else
            printf '<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><state>Aborted</state></jobInfo>' >"$work/body"
        fi
        job=$2
        type=$1
        shift 2
        request "$JOBINFO_SESSION_ID" POST "$job" "Content-Type: application/$type"
        printf 'abort: '
        tell
    done
    rm -rf "$work"
}

trap clean_up EXIT
catch_signals
